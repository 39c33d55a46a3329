import type { Operation } from "../history.ts";
import { pick, type Chance } from "./chance.ts";
import type { RegisterHistory } from "./register-trials.ts";
import type { Corrupted } from "./trial.ts";
import type { RegisterInput, RegisterOutput, RegisterValue } from "../models/cas-register.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

/** Each makes a linearizable history of unique values impossible by construction, whatever else stands in the history: a checker that accepts one is wrong. */
export const registerCorruptions: readonly Corrupted<RegisterHistory>[] = [
  {
    name: "a value nobody wrote",
    corrupt: (history, chance) => changeSaw(history, pick(chance, history.filter(hasSeen)), "nobody's"),
  },
  { name: "a stale read", corrupt: staleRead },
  { name: "a read from the future", corrupt: readFromFuture },
  { name: "a lost update", corrupt: lostUpdate },
  { name: "a double compare-and-set", corrupt: doubleSet },
];

/** Somebody sees a value after the update that replaced it had been answered. Values are unique, so it never came back. */
function staleRead(history: RegisterHistory, chance: Chance): RegisterHistory | undefined {
  const pairs = pairsOf(history, (replacing, later) => {
    return replacedBy(replacing) !== undefined && hasSeen(later) && replacing.endedAt < later.begunAt;
  });
  const pair = pick(chance, pairs);
  return pair && changeSaw(history, pair[1], replacedBy(pair[0]) ?? null);
}

/** Somebody sees a value whose writing began only after they had been answered. */
function readFromFuture(history: RegisterHistory, chance: Chance): RegisterHistory | undefined {
  const pairs = pairsOf(history, (writing, earlier) => {
    return writing.input.kind !== "read" && hasSeen(earlier) && earlier.endedAt < writing.begunAt;
  });
  const pair = pick(chance, pairs);
  return pair && changeSaw(history, pair[1], pair[0].input.kind === "read" ? null : pair[0].input.value);
}

/** Two updates replace the same value: one of them was lost. */
function lostUpdate(history: RegisterHistory, chance: Chance): RegisterHistory | undefined {
  const pairs = pairsOf(history, (one, other) => {
    return replacedBy(one) !== undefined && other.input.kind === "update" && hasSeen(other);
  });
  const pair = pick(chance, pairs);
  return pair && changeSaw(history, pair[1], replacedBy(pair[0]) ?? null);
}

/** A compare-and-set that was refused claims to have succeeded, expecting what another had replaced before it began. */
function doubleSet(history: RegisterHistory, chance: Chance): RegisterHistory | undefined {
  const pairs = pairsOf(history, (one, other) => {
    if (other.input.kind !== "compare-and-set" || other.output === undefined) return false;
    return replacedBy(one) !== undefined && one.endedAt < other.begunAt;
  });
  const pair = pick(chance, pairs);
  if (pair === undefined) return undefined;
  const [one, other] = pair;
  const { input } = other;
  if (input.kind !== "compare-and-set") return undefined;
  const lying = { ...other, input: { ...input, expected: replacedBy(one) ?? null }, output: { done: true } };
  return history.map((each) => (each === other ? lying : each));
}

/** The value an answered operation is known to have replaced. */
function replacedBy({ input, output }: RegisterOperation): RegisterValue | undefined {
  if (output === undefined) return undefined;
  if (input.kind === "update" && "saw" in output) return output.saw;
  if (input.kind === "compare-and-set" && "done" in output && output.done) return input.expected;
  return undefined;
}

function hasSeen({ output }: RegisterOperation): boolean {
  return output !== undefined && "saw" in output;
}

/** Pairs of operations of one register. */
function pairsOf(
  history: RegisterHistory,
  fits: (one: RegisterOperation, other: RegisterOperation) => boolean,
): (readonly [RegisterOperation, RegisterOperation])[] {
  return history.flatMap((one) =>
    history
      .filter((other) => other !== one && other.input.key === one.input.key && fits(one, other))
      .map((other) => [one, other] as const),
  );
}

function changeSaw(
  history: RegisterHistory,
  operation: RegisterOperation | undefined,
  saw: RegisterValue,
): RegisterHistory | undefined {
  if (operation === undefined) return undefined;
  return history.map((each) => (each === operation ? { ...each, output: { saw } } : each));
}
