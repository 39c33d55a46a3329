import type { Instant } from "@flockwork/core";
import { workOf, type TimeEntry, type Timer } from "../time/entry.ts";
import type { Interval } from "../time/interval.ts";
import { localDayOf } from "../time/local-day.ts";
import type { Board } from "./board.ts";
import { clockToleranceMs } from "./rules.ts";

/**
 * Where a stretch ends that ends now. The wall clock is believed as long as it agrees with the monotonic one; where it jumped, or
 * the machine slept, the monotonic one tells how long it was. Never before the start.
 */
export function endOf(timer: Timer, now: Instant): number {
  const wallMs = Math.max(0, now.wallMs - timer.startedAtMs);
  const { monotonic } = timer;
  if (monotonic === undefined || monotonic.clock !== now.monotonic?.clock) return timer.startedAtMs + wallMs;
  const elapsedMs = Math.max(0, Math.round(now.monotonic.ms - monotonic.ms));
  const isTrue = Math.abs(wallMs - elapsedMs) <= clockToleranceMs;
  return timer.startedAtMs + (isTrue ? wallMs : elapsedMs);
}

/** What an entry of a timer says besides its interval. */
export type EntryDetails = Partial<
  Pick<TimeEntry, "reason" | "state" | "source" | "billable" | "nonBillableReason">
>;

/**
 * Makes entries of a stretch of a timer: one, unless somebody who asks nobody wrote overlapping time into the file meanwhile;
 * then those parts of it that are free. Rates are frozen here.
 */
export function recordStretch(
  board: Board,
  timer: Timer,
  stretch: Interval,
  details: EntryDetails = {},
): readonly TimeEntry[] {
  const own = board.endingAfter(stretch.startedAtMs, ({ actorId }) => actorId === timer.actorId);
  return freeParts(stretch, own).map((part) => {
    const entry = {
      id: board.rules.newId(),
      ...workOf(timer),
      ...part,
      workedMs: part.endedAtMs - part.startedAtMs,
      localDay: localDayOf(part.startedAtMs, timer.timeZone),
      source: "timer",
      ...details,
    } as const;
    board.setEntry(null, priced(board, entry));
    return board.entry(entry.id) as TimeEntry;
  });
}

/** With the rate of its day, where there is one and none is frozen. */
export function priced(board: Board, entry: TimeEntry): TimeEntry {
  const rate = entry.rate ?? (entry.billable ? board.rules.rateOf(entry) : undefined);
  return rate === undefined ? entry : { ...entry, rate };
}

function freeParts(stretch: Interval, taken: readonly Interval[]): readonly Interval[] {
  const { endedAtMs } = stretch;
  const parts: Interval[] = [];
  let fromMs = stretch.startedAtMs;
  for (const other of taken.toSorted((one, next) => one.startedAtMs - next.startedAtMs)) {
    if (other.startedAtMs >= endedAtMs || other.endedAtMs <= fromMs || other.startedAtMs === other.endedAtMs)
      continue;
    if (other.startedAtMs > fromMs) parts.push({ startedAtMs: fromMs, endedAtMs: other.startedAtMs });
    fromMs = Math.max(fromMs, other.endedAtMs);
  }
  if (fromMs < endedAtMs || (parts.length === 0 && fromMs === endedAtMs && fromMs === stretch.startedAtMs))
    parts.push({ startedAtMs: fromMs, endedAtMs });
  return parts;
}
