/** One line of the table: what was measured, against what, and whether the goal was met. */
import type { Disturbance } from "./rounds.ts";
import { median, quartiles, spread } from "./statistics.ts";

export type Unit = "us" | "ms" | "s" | "ops/s" | "%" | "KB" | "MB" | "index";

/** What is held against the limit: our own figure, or a quotient of ours and the baseline's. */
export type Compared = "ours" | "ours / baseline" | "baseline / ours" | "ours - baseline";

export interface Goal {
  readonly compared: Compared;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What a family hands in. */
export interface Measurement {
  readonly name: string;
  /** What has reached the disk when an operation returns: `none` for locks. */
  readonly durability: string;
  readonly unit: Unit;
  /** One figure per round. */
  readonly ours: readonly number[];
  readonly baseline?: {
    readonly name: string;
    /** Where it promises another one than ours. */
    readonly durability?: string | undefined;
    readonly values: readonly number[];
  };
  readonly goal: Goal;
  /** Anything that spoils the row whatever its figures are: a lost update, a ghost lock. */
  readonly faults?: readonly string[];
  /** The same of the baseline: whoever loses what it was given is nobody to be held against, and no miss of ours. */
  readonly baselineFaults?: readonly string[];
  /** What ours needs and this machine lacks: the row is skipped. */
  readonly missing?: string | undefined;
  /** The same of the baseline. Neither this nor its faults count where ours alone is held against the goal. */
  readonly baselineMissing?: string | undefined;
  /** Of the rounds of these figures, where not all rounds of their group are theirs. */
  readonly disturbance?: Disturbance | undefined;
  /** No code of ours: it shows what is left of the goal for anybody, and neither meets nor misses it. */
  readonly isLine?: boolean;
  /** Of its figures: without any of ours there is none. */
  readonly note?: string;
}

export interface Row {
  /** That measured it. Rows that were stored before groups were told have none. */
  readonly group?: string | undefined;
  readonly name: string;
  readonly durability: string;
  readonly unit: Unit;
  readonly ours: number | null;
  readonly oursSpread: number | null;
  readonly baselineName: string | null;
  /** Where it is not that of the row. Old reports have none. */
  readonly baselineDurability?: string | undefined;
  readonly baseline: number | null;
  readonly baselineSpread: number | null;
  readonly ratio: number | null;
  readonly goal: string;
  /** `not ours`: no code of ours was measured. */
  readonly verdict: "met" | "not met" | "undecided" | "skipped" | "not ours";
  /** Why there is no verdict. */
  readonly undecided: string | null;
  /** What spoiled the row whatever its figures are, at the head of the note as well. */
  readonly faults: readonly string[];
  readonly note: string | null;
  /** What others had of its rounds. Old reports have none. */
  readonly disturbance?: Disturbance | undefined;
  /** What stops it, where it missed its goal and that is known. Old reports have none. */
  readonly limit?: string | undefined;
  readonly rounds: { readonly ours: readonly number[]; readonly baseline: readonly number[] };
}

/**
 * Medians over the rounds. The compared figure is the median of each round's own, so that drift cancels out; it decides, unless the rounds
 * are at odds about it.
 */
export function judge(measurement: Measurement): Row {
  const { name, durability, unit, ours, baseline, goal, faults = [] } = measurement;
  const compared = comparedRounds(measurement);
  const middle = median(compared);
  const meets = (value: number): boolean =>
    value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity);
  const [missing, spoiled] = [missingOf(measurement), spoiledBaseline(measurement)];
  const verdict = verdictOf(
    measurement,
    Number.isFinite(middle) && meets(middle),
    spoiled ?? atOdds(compared, meets),
  );
  const note = ours.length === 0 ? undefined : measurement.note;
  const notes = [...faults, missing, spoiled, note].filter((each) => typeof each === "string");
  return {
    name,
    durability,
    unit,
    ours: orNull(median(ours)),
    oursSpread: spread(ours),
    baselineName: baseline?.name ?? null,
    ...(baseline?.durability === undefined ? {} : { baselineDurability: baseline.durability }),
    baseline: orNull(median(baseline?.values ?? [])),
    baselineSpread: spread(baseline?.values ?? []),
    ratio: isOfOurs(goal) ? null : orNull(middle),
    goal: describe(goal, unit),
    ...verdict,
    faults,
    note: notes.length === 0 ? null : notes.join("; "),
    ...(measurement.disturbance === undefined ? {} : { disturbance: measurement.disturbance }),
    rounds: { ours, baseline: baseline?.values ?? [] },
  };
}

/** @param doubt - Why its figures decide nothing. */
function verdictOf(
  measurement: Measurement,
  isMet: boolean,
  doubt: string | null,
): Pick<Row, "verdict" | "undecided"> {
  const { faults = [], isLine = false } = measurement;
  const isSkipped = faults.length === 0 && missingOf(measurement) !== undefined;
  if (isSkipped) return { verdict: "skipped", undecided: null };
  if (isLine) return { verdict: "not ours", undecided: null };
  if (faults.length > 0) return { verdict: "not met", undecided: null };
  if (doubt !== null) return { verdict: "undecided", undecided: doubt };
  return { verdict: isMet ? "met" : "not met", undecided: null };
}

function isOfOurs({ compared }: Goal): boolean {
  return compared === "ours";
}

/** What the goal is about, round by round. Of one that broke, or is missing, there are fewer. */
function comparedRounds(measurement: Measurement): readonly number[] {
  const { ours, baseline, goal, faults = [], baselineFaults = [] } = measurement;
  const isBroken = missingOf(measurement) !== undefined || [...faults, ...baselineFaults].length > 0;
  const rounds = isBroken && !isOfOurs(goal) ? ours.slice(0, baseline?.values.length) : ours;
  return rounds.map((value, round) => compare(goal.compared, value, baseline?.values[round]));
}

function missingOf({ missing, baselineMissing, goal }: Measurement): string | undefined {
  return missing ?? (isOfOurs(goal) ? undefined : baselineMissing);
}

/** Why the baseline is nobody to be held against. */
function spoiledBaseline({ baseline, baselineFaults = [], goal }: Measurement): string | null {
  if (isOfOurs(goal)) return null;
  const didNothing = goal.compared.includes(" / ") && baseline?.values.includes(0) === true;
  const faults = [...baselineFaults, ...(didNothing ? ["a round of it came to 0"] : [])];
  return faults.length === 0 ? null : `${baseline?.name ?? "the baseline"}: ${faults.join(", ")}`;
}

/** What there is no figure of. */
function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Fewer rounds have no quartiles: they decide where they are of one mind. */
const leastRounds = 4;

/** What to say of rounds a quarter of which or more is on either side of the goal. */
function atOdds(compared: readonly number[], meets: (value: number) => boolean): string | null {
  const told = compared.length < leastRounds ? compared : [...quartiles(compared), median(compared)];
  const isOneSided = new Set(told.map(meets)).size <= 1;
  return isOneSided ? null : `${compared.filter(meets).length} of ${compared.length} rounds meet the goal`;
}

/** A group without figures, and why: this machine lacks something (`skipped`), or what was measured broke (`not met`). */
export function unmeasured(name: string, verdict: "skipped" | "not met", reason: string): Row {
  return {
    name,
    durability: "-",
    unit: "us",
    ours: null,
    oursSpread: null,
    baselineName: null,
    baseline: null,
    baselineSpread: null,
    ratio: null,
    goal: "-",
    verdict,
    undecided: null,
    faults: verdict === "skipped" ? [] : [reason],
    note: reason,
    rounds: { ours: [], baseline: [] },
  };
}

function compare(compared: Compared, ours: number, baseline: number | undefined): number {
  if (compared === "ours") return ours;
  if (baseline === undefined) throw new TypeError(`"${compared}" needs a baseline figure for every round`);
  if (compared === "ours - baseline") return ours - baseline;
  return compared === "ours / baseline" ? ours / baseline : baseline / ours;
}

function describe({ compared, atMost, atLeast }: Goal, unit: Unit): string {
  const suffix = compared === "ours" || compared === "ours - baseline" ? ` ${unit}` : "";
  const limits = [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}${suffix}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}${suffix}`]),
  ];
  return `${compared} ${limits.join(" and ")}`;
}
