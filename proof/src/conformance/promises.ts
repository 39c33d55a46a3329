/** What a store promises, as `docs/guarantees.md` numbers it: the columns of the matrix. */
export const promises = {
  L1: "one exclusive holder at a time",
  L2: "tokens only grow",
  L3: "only the owner releases, as often as it likes",
  L4: "freed when the holder dies",
  L5: "a loss is told in time",
  L6: "the declared fairness",
  L7: "no grant after a refusal",
  D1: "each document is linearizable",
  D2: "compare-and-set is one step",
  D3: "what is acknowledged survives",
  D4: "no torn value",
  D5: "stale fences are refused, with the write",
  D6: "values come back exactly",
  D7: "limits hold before anything is written",
  G1: "batches are whole",
  G2: "one dense order",
  G3: "nothing lost, nothing twice",
  G4: "no late hole",
  G5: "damage is told from a torn tail",
  transact: "several members, one commit",
  errors: "typed, and nothing changed",
  declared: "what is not declared is refused",
  close: "ends what it says, and nothing else",
} as const;

export type PromiseId = keyof typeof promises;
