import type { Instant } from "@flockwork/core";
import type { TimeEntry, Work } from "../time/entry.ts";
import type { Money } from "../money/money.ts";

/** An entry, or a place for one: that has no id yet. */
export type Lockable = Pick<TimeEntry, "localDay" | "invoiceId"> & Partial<Pick<TimeEntry, "id">>;

/** What operations go by, beyond what the book says. All of it is read under the lock of the book. */
export interface TimerRules {
  readonly now: Instant;
  /** How many of a human's agents, the human among them, may have time at one moment. */
  readonly maxPerOwner: number;
  /** Why an entry may not be changed any more, or none be added at its place; undefined where it may. */
  readonly whyLocked: (entry: Lockable) => string | undefined;
  /** What an hour costs, by the rates of that day. */
  readonly rateOf: (work: Work & Pick<TimeEntry, "localDay">) => Money | undefined;
  readonly newId: () => string;
}

/** Two readings of clocks that differ by less are one: the wall clock is then believed. */
export const clockToleranceMs = 2_000;

/** How far ahead of the clock the last entry of a timer may end before a new timer is refused: clocks that went back. */
export const skewBoundMs = 86_400_000;
