/** What time comes to: pure, from entries to rows. */
import { checkWhole } from "../arguments.ts";
import { apportion, roundHalfUp } from "../money/apportion.ts";
import type { Supervision, TimeEntry } from "../time/entry.ts";
import { unionMs, type Interval } from "../time/interval.ts";
import { checkTimeZone, localDayOf, splitByLocalDay, weekOf } from "../time/local-day.ts";
import { checkFilter, matchesFilter, type TimeFilter } from "./time-filter.ts";

/** By what a report groups. */
export type ReportKey = "actor" | "owner" | "task" | "project" | "client" | "day" | "week" | "month";

const fields = {
  actor: "actorId",
  owner: "ownerId",
  task: "taskId",
  project: "projectId",
  client: "clientId",
} as const;

/** How a report is made. */
export interface ReportOptions extends TimeFilter {
  /** Default: one row for everything. */
  readonly by?: readonly ReportKey[] | undefined;
  /** The zone whose days count. Default: the zone of each entry. */
  readonly timeZone?: string | undefined;
  /** What a moment of work counts, in thousandths, by supervision. Default 1000 each. */
  readonly weights?: Weights | undefined;
}

export type Weights = Partial<Readonly<Record<Supervision, number>>>;

/** Three totals of the same time, in whole milliseconds. */
export interface TimeTotals {
  /** Moments in which anybody worked: what a clock on the wall shows. */
  readonly unionMs: number;
  /** What all of them worked, added up: what machines spend. */
  readonly sumMs: number;
  /** The same, weighted by supervision: what a human put in. */
  readonly weightedMs: number;
  readonly billableMs: number;
  readonly entries: number;
}

export interface ReportRow extends TimeTotals {
  readonly key: Readonly<Partial<Record<ReportKey, string>>>;
}

/** Rows in the order of their keys. Their sums add up to those of the total; their unions need not. */
export interface Report {
  readonly rows: readonly ReportRow[];
  readonly total: TimeTotals;
}

interface Part extends Interval {
  readonly entry: TimeEntry;
  readonly day: string;
  readonly workedMs: number;
}

/** @throws {TypeError | RangeError} naming what is wrong with the options. */
export function reportOf(entries: Iterable<TimeEntry>, options: ReportOptions = {}): Report {
  const { by = [], timeZone, weights = {} } = checkReport(options);
  const groups = new Map<string, { key: ReportRow["key"]; parts: Part[] }>();
  const all: Part[] = [];
  const cutsDays = by.some((key) => key === "day" || key === "week" || key === "month");
  for (const part of partsOf(entries, options, timeZone, cutsDays)) {
    all.push(part);
    const name = by.map((key) => valueOf(part, key)).join("\u0000");
    const group = groups.get(name);
    if (group !== undefined) group.parts.push(part);
    else
      groups.set(name, {
        key: Object.fromEntries(by.map((key) => [key, valueOf(part, key)])),
        parts: [part],
      });
  }
  const total = totalsOf(all, weights);
  const sorted = [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
  const shares = apportion(
    sorted.map(({ parts }) => weigh(parts, weights)),
    1_000n,
    BigInt(total.weightedMs),
  );
  const rows = sorted.map(({ key, parts }, at) => ({
    key,
    ...totalsOf(parts, weights),
    weightedMs: Number(shares[at] ?? 0n),
  }));
  return { rows, total };
}

function* partsOf(
  entries: Iterable<TimeEntry>,
  filter: TimeFilter,
  timeZone: string | undefined,
  cutsDays: boolean,
): Generator<Part> {
  const { from = "", through = "9999-99-99" } = filter;
  const isBounded = filter.from !== undefined || filter.through !== undefined;
  for (const entry of entries) {
    if (!matchesFilter(entry, filter)) continue;
    if (!cutsDays && !isBounded) {
      yield { ...intervalOf(entry), entry, day: entry.localDay, workedMs: entry.workedMs };
      continue;
    }
    for (const part of dayParts(entry, timeZone ?? entry.timeZone))
      if (part.day >= from && part.day <= through) yield part;
  }
}

/** An entry cut at local midnights; what it counts is shared among the parts to the millisecond. */
function dayParts(entry: TimeEntry, timeZone: string): readonly Part[] {
  const { startedAtMs, endedAtMs, workedMs } = entry;
  // Most entries are short and of one day: that is all that is asked of them.
  const first = timeZone === entry.timeZone ? entry.localDay : localDayOf(startedAtMs, timeZone);
  if (
    endedAtMs - startedAtMs < 43_200_000 &&
    localDayOf(Math.max(startedAtMs, endedAtMs - 1), timeZone) === first
  )
    return [{ startedAtMs, endedAtMs, entry, day: first, workedMs }];
  const parts = splitByLocalDay(entry, timeZone);
  const lengths = parts.map((part) => BigInt(part.endedAtMs - part.startedAtMs) * BigInt(workedMs));
  const shares = apportion(lengths, BigInt(endedAtMs - startedAtMs || 1), BigInt(workedMs));
  return parts.map((part, at) => ({ ...part, entry, workedMs: Number(shares[at] ?? 0n) }));
}

function totalsOf(parts: readonly Part[], weights: Weights): TimeTotals {
  let [sumMs, billableMs] = [0, 0];
  const counted = new Set<TimeEntry>();
  for (const { entry, workedMs } of parts) {
    sumMs += workedMs;
    if (entry.billable) billableMs += workedMs;
    counted.add(entry);
  }
  const weightedMs = Number(roundHalfUp(weigh(parts, weights), 1_000n));
  return { unionMs: Math.min(sumMs, unionMs(parts)), sumMs, weightedMs, billableMs, entries: counted.size };
}

/** Weighted milliseconds, in thousandths. */
function weigh(parts: readonly Part[], weights: Weights): bigint {
  const byWeight = new Map<number, number>();
  for (const { entry, workedMs } of parts) {
    const weight = weightOf(entry, weights);
    byWeight.set(weight, (byWeight.get(weight) ?? 0) + workedMs);
  }
  return [...byWeight].reduce((sum, [weight, ms]) => sum + BigInt(ms) * BigInt(weight), 0n);
}

/** What a moment of an entry counts, in thousandths. Who says nothing was there. */
export function weightOf({ supervision = "hands-on" }: TimeEntry, weights: Weights): number {
  return weights[supervision] ?? 1_000;
}

function valueOf({ entry, day }: Part, key: ReportKey): string {
  if (key === "day") return day;
  if (key === "week") return weekOf(day);
  if (key === "month") return day.slice(0, 7);
  if (key === "owner") return entry.ownerId ?? entry.actorId;
  return entry[fields[key]] ?? "";
}

function intervalOf({ startedAtMs, endedAtMs }: TimeEntry): Interval {
  return { startedAtMs, endedAtMs };
}

const keys: readonly ReportKey[] = ["actor", "owner", "task", "project", "client", "day", "week", "month"];

function checkReport(options: ReportOptions): ReportOptions {
  const { by, timeZone, weights } = options;
  if (by !== undefined && !(Array.isArray(by) && by.every((key) => keys.includes(key))))
    throw new TypeError(`by must be a list of ${keys.join(", ")}`);
  if (timeZone !== undefined) checkTimeZone("timeZone", timeZone);
  checkFilter(options);
  checkWeights(weights);
  return options;
}

/** @throws {TypeError | RangeError} a weight is no whole number of thousandths. */
export function checkWeights(weights: Weights | undefined): void {
  for (const [name, weight] of Object.entries(weights ?? {})) {
    if (!["hands-on", "supervised", "autonomous"].includes(name))
      throw new TypeError(`weights has no ${name}`);
    checkWhole(`weights.${name}`, weight);
  }
}
