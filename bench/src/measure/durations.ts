/** How long and how often to measure. Quick runs show that the bench works; they decide nothing. */
import type { BenchContext } from "./bench-context.ts";

export interface Durations {
  readonly rounds: number;
  /** Seconds of one run of a fleet. */
  readonly fleetSeconds: number;
  /** Divides the counts of operations. */
  readonly shrink: number;
}

export function durations({ quick }: BenchContext): Durations {
  return quick ? { rounds: 2, fleetSeconds: 0.25, shrink: 20 } : { rounds: 5, fleetSeconds: 2.5, shrink: 1 };
}
