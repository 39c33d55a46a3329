/** The five fields of a cron expression: their names and the numbers they may have. */
const fields = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of month", from: 1, to: 31 },
  { name: "month", from: 1, to: 12 },
  { name: "day of week", from: 0, to: 7 },
] as const;

const names: Readonly<Record<string, number>> = Object.fromEntries([
  ...["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map((name, at) => [
    name,
    at + 1,
  ]),
  ...["sun", "mon", "tue", "wed", "thu", "fri", "sat"].map((name, at) => [name, at]),
]) as Record<string, number>;

const dayMs = 24 * 60 * 60 * 1_000;
/** Dates end 100 000 000 days from 1970; a time zone looks a day further. */
const lastDay = 99_999_998;
/** A leap day on a given day of the week comes every 28 years, or 40 around a century. */
const mostDays = 41 * 366;

/**
 * When a cron expression is due: minute, hour, day of month, month, day of week, each `*`, numbers, ranges, lists and steps,
 * months and days by name too; when both days are restricted, either suffices. In a time zone, an instant that a clock change
 * skips comes as much later; one that comes twice counts once.
 */
export class Cron {
  readonly #minutes: readonly number[];
  readonly #hours: readonly number[];
  readonly #days: ReadonlySet<number>;
  readonly #months: ReadonlySet<number>;
  readonly #weekdays: ReadonlySet<number>;
  readonly #eitherDay: boolean;
  readonly #zone: Intl.DateTimeFormat | undefined;

  /** @throws {RangeError} naming the field, or the time zone, that is wrong. */
  constructor(expression: string, timeZone = "UTC") {
    const parts = String(expression).trim().split(/\s+/);
    if (parts.length !== fields.length)
      throw new RangeError(`A cron expression has five fields, got ${JSON.stringify(expression)}`);
    const [minutes = [], hours = [], days, months, weekdays] = parts.map((part, at) => parseField(part, at));
    this.#minutes = minutes;
    this.#hours = hours;
    this.#days = new Set(days);
    this.#months = new Set(months);
    this.#weekdays = new Set(weekdays?.map((day) => day % 7));
    this.#eitherDay = !parts[2]?.startsWith("*") && !parts[4]?.startsWith("*");
    this.#zone = timeZone === "UTC" ? undefined : formatOf(timeZone);
  }

  /** The first instant after one, in milliseconds since 1970. Undefined for a date that never comes. */
  next(afterMs: number): number | undefined {
    const firstDay = Math.floor(afterMs / dayMs) - 1;
    for (let day = firstDay; day < firstDay + mostDays; day += 1) {
      const slot = this.#slotsOf(day).find((ms) => ms > afterMs);
      if (slot !== undefined) return slot;
    }
    return undefined;
  }

  /** The latest instants after `afterMs`, up to and including `untilMs`: so many at most, in order. */
  latest(afterMs: number, untilMs: number, count: number): readonly number[] {
    const found: number[] = [];
    const earliestDay = Math.max(Math.floor(afterMs / dayMs) - 1, Math.floor(untilMs / dayMs) + 1 - mostDays);
    for (let day = Math.floor(untilMs / dayMs) + 1; day >= earliestDay && found.length < count; day -= 1) {
      const slots = this.#slotsOf(day).filter((ms) => ms > afterMs && ms <= untilMs);
      found.unshift(...slots.slice(-(count - found.length)));
    }
    return found;
  }

  /** The instants of a local day, counted from 1970. */
  #slotsOf(day: number): readonly number[] {
    if (Math.abs(day) > lastDay) return [];
    const date = new Date(day * dayMs);
    if (!this.#months.has(date.getUTCMonth() + 1)) return [];
    const byDate = this.#days.has(date.getUTCDate());
    const byWeekday = this.#weekdays.has(date.getUTCDay());
    if (this.#eitherDay ? !byDate && !byWeekday : !byDate || !byWeekday) return [];
    const slots = this.#hours.flatMap((hour) =>
      this.#minutes.map((minute) => this.#toUtc(day * dayMs + (hour * 60 + minute) * 60_000)),
    );
    return [...new Set(slots)].toSorted((one, other) => one - other);
  }

  /** The instant at which the clocks of the zone show this local time. */
  #toUtc(localMs: number): number {
    if (this.#zone === undefined) return localMs;
    const before = this.#offsetMs(localMs - dayMs);
    const early = localMs - before;
    if (early + this.#offsetMs(early) === localMs) return early;
    const late = localMs - this.#offsetMs(early);
    return late + this.#offsetMs(late) === localMs ? late : early; // skipped: by the old offset, as much later
  }

  #offsetMs(utcMs: number): number {
    const parts = Object.fromEntries(
      this.#zone?.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]) ?? [],
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour % 24, minute, second) - Math.floor(utcMs / 1_000) * 1_000;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric";
  const parts = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  return new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", calendar: "gregory", ...parts });
}

function parseField(text: string, at: number): readonly number[] {
  const field = fields[at] as (typeof fields)[number];
  const wrong = (): RangeError =>
    new RangeError(`The ${field.name} of a cron expression cannot be ${JSON.stringify(text)}`);
  const numberOf = (name: string): number => {
    const value =
      at >= 3 && Object.hasOwn(names, name.toLowerCase()) ? names[name.toLowerCase()] : Number(name);
    if (
      name === "" ||
      value === undefined ||
      !Number.isInteger(value) ||
      value < field.from ||
      value > field.to
    )
      throw wrong();
    return value;
  };
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", stepText, extra] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (extra !== undefined || !Number.isInteger(step) || step < 1) throw wrong();
    const [first = "", last, more] = range.split("-");
    if (more !== undefined) throw wrong();
    const from = range === "*" ? field.from : numberOf(first);
    const to =
      range === "*"
        ? field.to
        : last !== undefined
          ? numberOf(last)
          : stepText !== undefined
            ? field.to
            : from;
    if (to < from) throw wrong();
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return [...found].toSorted((one, other) => one - other);
}
