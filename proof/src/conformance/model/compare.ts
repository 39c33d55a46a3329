import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import type { StoreFactory } from "../subject.ts";
import { action, type Action } from "./actions.ts";
import { Session } from "./session.ts";

export interface ComparisonSize {
  readonly sequences: number;
  /** Longest sequence. */
  readonly actions: number;
  readonly seed: number;
}

/** What a comparison came to. */
export interface Comparison {
  readonly sequences: number;
  readonly actions: number;
  /** The shortest sequence found that tells the stores apart, in lines; undefined if none does. */
  readonly difference: string | undefined;
}

/** Performs random sequences on both stores: every answer must be the same. */
export async function compareStores(
  oracle: StoreFactory,
  subject: StoreFactory,
  { sequences, actions, seed }: ComparisonSize,
): Promise<Comparison> {
  let performed = 0;
  const property = fc.asyncProperty(
    fc.array(action, { minLength: 1, maxLength: actions, size: "max" }),
    async (sequence) => {
      performed += sequence.length;
      const difference = await firstDifference(oracle, subject, sequence);
      if (difference !== undefined) throw new Error(difference);
    },
  );
  const details = await fc.check(property, { numRuns: sequences, seed, endOnFailure: false });
  const error = details.failed ? (details.errorInstance as Error | null) : null;
  const difference = details.failed ? (error?.message ?? "it was interrupted") : undefined;
  return { sequences: details.numRuns, actions: performed, difference };
}

/** The sequence up to the first action that the stores answer differently, in lines. */
async function firstDifference(
  oracle: StoreFactory,
  subject: StoreFactory,
  sequence: readonly Action[],
): Promise<string | undefined> {
  const places = [await oracle.create(), await subject.create()] as const;
  const [expecting, examined] = [await Session.open(places[0]), await Session.open(places[1])];
  try {
    for (const [at, each] of sequence.entries()) {
      const expected = await expecting.perform(each, at);
      const found = await examined.perform(each, at);
      if (isDeepStrictEqual(expected, found)) continue;
      const lines = sequence.slice(0, at + 1).map((one, index) => `${index}. ${JSON.stringify(one)}`);
      return [...lines, `expected ${JSON.stringify(expected)}`, `found    ${JSON.stringify(found)}`].join(
        "\n",
      );
    }
    return undefined;
  } finally {
    await Promise.all([expecting.close(), examined.close()]);
    await Promise.all(places.map((place) => place.clean()));
  }
}
