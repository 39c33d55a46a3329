import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** What a part gets to work with. */
export interface PartContext {
  /** The nightly figures instead of the short ones. */
  readonly long: boolean;
  /** What those long forms may take that go on until their time is up. */
  readonly minutes?: number;
  readonly seed: number;
  readonly random: Random;
  readonly tally: Tally;
  /** Progress, for whoever watches. */
  readonly say: (text: string) => void;
}

/** One part of the proof. What it finds goes into the tally; it throws only when it is broken itself. */
export type Part = (context: PartContext) => Promise<void>;
