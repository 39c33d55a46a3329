import type { Random } from "../harness/random.ts";
import { type Operation, operations, recoveries } from "./operations.ts";
import type { Sequence, Step } from "./trace.ts";
import type { Shape } from "./world.ts";

const shapes: readonly Shape[] = ["flat", "parted"];

/** Every sequence of so many operations, each acknowledged, in every shape. */
export function acknowledgedSequences(length: number): Sequence[] {
  return shapes.flatMap((shape) =>
    tuples(length).map((each) => ({
      shape,
      steps: each.map((operation) => ({ operation, end: "done" as const })),
    })),
  );
}

/**
 * Sequences in which something went wrong before: a process was killed, or the power went, and then somebody recovers, or does
 * the next thing; and, in sequences of three, something after that.
 */
export function interruptedSequences(length: 2 | 3): Sequence[] {
  const seconds = [...recoveries, ...operations];
  return shapes.flatMap((shape) =>
    operations.flatMap((first) =>
      (["died", "power"] as const).flatMap((end) =>
        seconds.flatMap((second): Sequence[] => {
          const begun: Step[] = [
            { operation: first, end },
            { operation: second, end: "done" },
          ];
          if (length === 2) return [{ shape, steps: begun }];
          return operations.map((third) => ({ shape, steps: [...begun, { operation: third, end: "done" }] }));
        }),
      ),
    ),
  );
}

/** So many of them, chosen by the seed, in another order. */
export function some(sequences: readonly Sequence[], count: number, random: Random): Sequence[] {
  return random.shuffled(sequences).slice(0, count);
}

export function describeSequence({ shape, steps }: Sequence): string {
  const words = steps.map(({ operation, end }) =>
    end === "done" ? operation.name : `${operation.name} (${end})`,
  );
  return `${shape}: ${words.join(", ")}`;
}

function tuples(length: number): Operation[][] {
  if (length === 0) return [[]];
  return tuples(length - 1).flatMap((before) => operations.map((last) => [...before, last]));
}
