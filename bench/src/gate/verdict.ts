/** What was found of one path, and what of it is a slowdown. */
import { isSlower, type TimeRatio } from "./time-ratio.ts";

/** Of one call. */
export type Pair = readonly [base: number, head: number];

/** Undefined is what was not asked for, cannot be had on this machine, or says nothing of this path. */
export interface Figures {
  readonly processorTime: TimeRatio | undefined;
  readonly clock: TimeRatio | undefined;
  readonly instructions: Pair | undefined;
  readonly systemCalls: Pair | undefined;
}

export const none: Figures = {
  processorTime: undefined,
  clock: undefined,
  instructions: undefined,
  systemCalls: undefined,
};

/**
 * What is more than it may be, in the words of the table. One more system call is one too many; where a call makes many, some are
 * looks at what time it is.
 */
export function slowerBy(figures: Figures, threshold: number): readonly string[] {
  const { processorTime, clock, instructions, systemCalls } = figures;
  const verdicts = {
    instructions: instructions !== undefined && instructions[1] / instructions[0] > threshold,
    "system calls":
      systemCalls !== undefined && systemCalls[1] - systemCalls[0] > Math.max(0.5, systemCalls[0] / 100),
    "processor time": processorTime !== undefined && isSlower(processorTime, threshold),
    clock: clock !== undefined && isSlower(clock, threshold),
  };
  return Object.entries(verdicts).flatMap(([measure, isSlowerBy]) => (isSlowerBy ? [measure] : []));
}

/** Looked at a second time where it seems slower, and then that counts: chance would have to strike twice. */
export async function lookTwice(look: () => Promise<Figures>, threshold: number): Promise<Figures> {
  const first = await look();
  return slowerBy(first, threshold).length === 0 ? first : await look();
}
