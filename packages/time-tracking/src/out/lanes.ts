import { UnsupportedError } from "@flockwork/core";
import type { TimeEntry } from "../time/entry.ts";
import { checkDay, checkTimeZone, localDayOf, nextDay, startOfLocalDay } from "../time/local-day.ts";

/** Which stretch of time a picture shows, in whole local days. */
export interface TimelineOptions {
  /** First day. Default: that in which the first entry begins. */
  readonly from?: string | undefined;
  /** Last day. Default: that in which the last entry ends. */
  readonly through?: string | undefined;
  /** Whose days. Default: the zone of the first entry, else UTC. */
  readonly timeZone?: string | undefined;
  readonly title?: string | undefined;
}

/** One actor's entries in one day. */
export interface Lane {
  readonly actorId: string;
  readonly entries: readonly TimeEntry[];
  readonly workedMs: number;
}

/** A day of a picture. */
export interface DayOfLanes {
  readonly day: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly lanes: readonly Lane[];
}

/** What a timeline shows. */
export interface Lanes {
  readonly days: readonly DayOfLanes[];
  readonly tasks: readonly string[];
  readonly timeZone: string;
}

/** A picture of more days than this is no picture. */
const mostDays = 366;

/** @throws {UnsupportedError} more days than a picture can show. */
export function lanesOf(entries: readonly TimeEntry[], options: TimelineOptions): Lanes {
  const sorted = entries.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
  const timeZone = checkTimeZone("timeZone", options.timeZone ?? sorted[0]?.timeZone ?? "UTC");
  const firstMs = sorted[0]?.startedAtMs ?? 0;
  const lastMs = sorted.reduce((last, { endedAtMs }) => Math.max(last, endedAtMs - 1), firstMs);
  const from = checkDay("from", options.from ?? localDayOf(firstMs, timeZone));
  const through = checkDay("through", options.through ?? localDayOf(lastMs, timeZone));
  const days: DayOfLanes[] = [];
  const count = (Date.parse(through) - Date.parse(from)) / 86_400_000 + 1;
  if (count > mostDays)
    throw new UnsupportedError(
      `A timeline from ${from} through ${through}`,
      `it would show ${count} days, and a picture has at most ${mostDays}. Say from and through`,
    );
  // Counted, not compared: after the year 9999 days are no texts of ten letters any more.
  for (let [at, day] = [0, from]; at < count; [at, day] = [at + 1, nextDay(day)]) {
    const startMs = startOfLocalDay(day, timeZone);
    const endMs = startOfLocalDay(nextDay(day), timeZone);
    if (endMs > startMs) days.push({ day, startMs, endMs, lanes: lanesOfDay(sorted, startMs, endMs) });
  }
  const shown = new Set(
    days.flatMap(({ lanes }) => lanes.flatMap((lane) => lane.entries.map(({ taskId }) => taskId))),
  );
  return { days, tasks: [...shown], timeZone };
}

function lanesOfDay(sorted: readonly TimeEntry[], startMs: number, endMs: number): readonly Lane[] {
  const inside = sorted.filter((entry) => entry.startedAtMs < endMs && entry.endedAtMs > startMs);
  const actors = [...new Set(inside.map(({ actorId }) => actorId))].toSorted();
  return actors.map((actorId) => {
    const entries = inside.filter((entry) => entry.actorId === actorId);
    const lengths = entries.map(
      (entry) => Math.min(entry.endedAtMs, endMs) - Math.max(entry.startedAtMs, startMs),
    );
    return { actorId, entries, workedMs: lengths.reduce((sum, ms) => sum + ms, 0) };
  });
}
