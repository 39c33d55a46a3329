/** Days as people in a zone count them: 23 hours when clocks go forward, 25 when they go back, and sometimes none at all. */
import type { Interval } from "./interval.ts";

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
/** Asking the system is slow: it is asked at these distances, and in between where both ends differ. No zone changes twice within. */
const gridMs = 21_600_000;
const dayMs = 86_400_000;

/** The zone of this machine. */
export function systemTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** @throws {RangeError} the system knows no such zone. */
export function checkTimeZone(argument: string, value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${argument} must be the IANA name of a time zone`);
  try {
    formatOf(value);
  } catch (cause) {
    throw new RangeError(`${argument} must be the IANA name of a time zone, got ${value.slice(0, 100)}`, {
      cause,
    });
  }
  return value;
}

/** Whether the system knows such a zone. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Milliseconds that local time is ahead of UTC at a moment. */
export function offsetMs(atMs: number, timeZone: string): number {
  let known = offsets.get(timeZone);
  if (known === undefined) offsets.set(timeZone, (known = new Map()));
  const at = Math.floor(atMs / gridMs);
  const [before, after] = [cachedOffset(known, at, timeZone), cachedOffset(known, at + 1, timeZone)];
  return before === after ? before : exactOffset(atMs, timeZone);
}

function cachedOffset(known: Map<number, number>, at: number, timeZone: string): number {
  let offset = known.get(at);
  if (offset === undefined) {
    if (known.size > 100_000) known.clear();
    known.set(at, (offset = exactOffset(at * gridMs, timeZone)));
  }
  return offset;
}

function exactOffset(atMs: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}

/** The day of a moment in a zone: `YYYY-MM-DD`. */
export function localDayOf(atMs: number, timeZone: string): string {
  return dayText(atMs + offsetMs(atMs, timeZone));
}

/** What a clock on the wall shows: `YYYY-MM-DDTHH:MM:SS`, in the zone. */
export function localTimeOf(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetMs(atMs, timeZone)).toISOString().slice(0, 19);
}

const dayTexts = new Map<number, string>();

function dayText(localMs: number): string {
  const day = Math.floor(localMs / dayMs);
  let text = dayTexts.get(day);
  if (text === undefined) {
    if (dayTexts.size > 20_000) dayTexts.clear();
    dayTexts.set(day, (text = new Date(day * dayMs).toISOString().slice(0, 10)));
  }
  return text;
}

/** The first moment of a local day; of a day that the zone skipped, that of the next. */
export function startOfLocalDay(day: string, timeZone: string): number {
  const middayMs = Date.parse(`${day}T12:00:00Z`);
  let [low, high] = [middayMs - 2 * dayMs, middayMs + 2 * dayMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localDayOf(middle, timeZone) >= day) high = middle;
    else low = middle;
  }
  return high;
}

/** The day after, by the calendar. */
export function nextDay(day: string): string {
  return dayText(Date.parse(`${day}T00:00:00Z`) + dayMs);
}

/** The Monday of the week of a day. */
export function weekOf(day: string): string {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  return dayText(atMs - ((new Date(atMs).getUTCDay() + 6) % 7) * dayMs);
}

/** Whether it is a day of the calendar: `YYYY-MM-DD`. */
export function isDay(value: unknown): boolean {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const atMs = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(atMs) && dayText(atMs) === value;
}

/** @throws {TypeError | RangeError} no day of the calendar. */
export function checkDay(argument: string, value: unknown): string {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value))
    throw new TypeError(`${argument} must be a day: YYYY-MM-DD`);
  if (!isDay(value)) throw new RangeError(`${argument} must be a day of the calendar, got ${value}`);
  return value;
}

/** A part of a stretch that lies in one local day. */
export interface DayPart extends Interval {
  readonly day: string;
}

/** Cuts a stretch at local midnights. The parts follow each other without a gap, so their lengths add up to the whole. */
export function splitByLocalDay({ startedAtMs, endedAtMs }: Interval, timeZone: string): readonly DayPart[] {
  let day = localDayOf(startedAtMs, timeZone);
  const parts: DayPart[] = [];
  let fromMs = startedAtMs;
  while (fromMs < endedAtMs) {
    const following = nextDay(day);
    const midnightMs = startOfLocalDay(following, timeZone);
    const untilMs = Math.min(endedAtMs, Math.max(midnightMs, fromMs));
    if (untilMs > fromMs) parts.push({ day, startedAtMs: fromMs, endedAtMs: untilMs });
    fromMs = untilMs;
    day = following;
  }
  return parts;
}
