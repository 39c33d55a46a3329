/** T5: every state that a loss of power may leave, after every change of the disk, of up to three operations. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { describe } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { enumerate } from "./enumerate.ts";
import { acknowledgedSequences, describeSequence, interruptedSequences, some } from "./sequences.ts";
import type { NameOrder } from "./torn-names.ts";
import { type Sequence, trace } from "./trace.ts";

/** Sequences, and how many states of each moment are tried at most. */
export interface StatesPlan {
  readonly sequences: readonly Sequence[];
  readonly order: NameOrder;
  readonly statesEach: number;
}

/** What the long form is to look at, if nobody gives it less time than the hour of the proof does. */
const fewestStates = 50_000;
const enoughMinutes = 10;
const mostMinutes = 60;

export async function states(context: PartContext): Promise<void> {
  const { long, minutes = mostMinutes, random, tally } = context;
  const [one, two, three] = [1, 2, 3].map(acknowledgedSequences) as [Sequence[], Sequence[], Sequence[]];
  const interruptedTwo = interruptedSequences(2);
  const interruptedThree = interruptedSequences(3);
  const plans: readonly StatesPlan[] = long
    ? [
        { sequences: one, order: "any", statesEach: 150 },
        { sequences: one, order: "in order", statesEach: 150 },
        { sequences: two, order: "any", statesEach: 15 },
        { sequences: interruptedTwo, order: "any", statesEach: 5 },
        { sequences: three, order: "any", statesEach: 2 },
        { sequences: interruptedThree, order: "any", statesEach: 2 },
      ]
    : [
        { sequences: one, order: "in order", statesEach: 5 },
        { sequences: one, order: "any", statesEach: 3 },
        { sequences: some([...two, ...three], 8, random), order: "any", statesEach: 2 },
        { sequences: some([...interruptedTwo, ...interruptedThree], 8, random), order: "any", statesEach: 2 },
      ];
  // In any order: what is broken off when its time is up has seen something of everything.
  const all = plans.flatMap(({ sequences, ...how }) =>
    sequences.map((sequence) => ({ sequences: [sequence], ...how })),
  );
  const until = performance.now() + minutes * 60_000;
  for (const [at, plan] of random.shuffled(all).entries()) {
    if (performance.now() > until) {
      tally.count("not_begun", all.length - at);
      tally.skip(`T5: ${all.length - at} sequences of ${all.length}`, `${minutes} minutes were over`);
      break;
    }
    await tryStates(context, plan);
  }
  const found = tally.counted("states");
  if (long && minutes >= enoughMinutes && found < fewestStates)
    tally.fail("T5: too few states", `${found} in ${minutes} minutes, and ${fewestStates} are promised`);
}

export async function tryStates(
  { tally, random, say }: PartContext,
  { sequences, order, statesEach }: StatesPlan,
): Promise<void> {
  // What is set aside is said in a warning; here it is counted.
  process.removeAllListeners("warning").on("warning", () => undefined);
  for (const name of ["sequences", "moments", "sampled", "states", "damaged", "conflicts", "known", "bad"])
    tally.count(name, 0);
  await onFastDisk(async (scratch) => {
    for (const sequence of sequences) {
      const what = describeSequence(sequence);
      const work = mkdtempSync(join(scratch, "sequence-"));
      try {
        const traced = await trace(sequence, work, random);
        const found = await enumerate(traced, {
          shape: sequence.shape,
          order,
          statesEach,
          random,
          scratch: work,
        });
        for (const name of ["moments", "sampled", "states", "damaged", "conflicts"] as const)
          tally.count(name, found[name]);
        for (const [gap, times] of found.known) {
          tally.count("known", times);
          tally.count(gap, times);
        }
        tally.count("bad", found.bad.length);
        if (found.bad.length === 0) tally.pass();
        else
          tally.fail(
            what,
            `${found.bad.length} of ${found.states} states, names ${order}; the first:\n${found.bad[0] ?? ""}`,
          );
        say(`${what}, names ${order}: ${found.states} states, ${found.bad.length} bad`);
      } catch (error) {
        tally.fail(what, describe(error));
      } finally {
        rmSync(work, { recursive: true, force: true });
        tally.count("sequences");
        tally.count(`of_${sequence.steps.length}`);
      }
    }
  });
}

/** A scratch directory in memory where there is one: what is synced here is not what is examined. */
export async function onFastDisk<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  return withTemporaryDirectory(work, { inMemory: true });
}
