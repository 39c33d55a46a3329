/** Several contenders side by side in several metrics: who they are, what they promise, and what they came to. */
import type { Disturbance } from "./rounds.ts";
import { judge, type Goal, type Measurement, type Row, type Unit } from "./row.ts";
import { median, spread } from "./statistics.ts";

export interface Metric {
  readonly name: string;
  readonly unit: Unit;
  readonly better: "more" | "less";
  /** Whether the picture shows it. The tables show all. */
  readonly drawn: boolean;
}

/** What a family hands in: for each contender and metric one figure per round. Ours is the first one. */
export interface Measured {
  readonly name: string;
  readonly durability: string;
  readonly metrics: readonly Metric[];
  readonly contenders: readonly MeasuredContender[];
  /** Of its rounds, where not all rounds of its group are its own. */
  readonly disturbance?: Disturbance | undefined;
  /** All are ours, at several sizes: nobody is compared, and their order stays. */
  readonly isOrdered?: boolean;
}

/**
 * `ours`: another of ours. `peer`: what a user would pick instead. `bare`: calls the same system calls and promises less. `line`: shows where the limit is,
 * and is nobody to be ahead of: a program in another language, or one that loses what it was given.
 */
export type ContenderKind = "ours" | "peer" | "bare" | "line";

export interface MeasuredContender {
  readonly name: string;
  /** Where it differs from that of the comparison. */
  readonly durability?: string | undefined;
  /** By name of the metric. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
  /** What a reader has to know of this one. */
  readonly note?: string | undefined;
  /** What it broke: updates lost, say. One of ours fails the rows; another one is nobody to be ahead of. */
  readonly faults?: readonly string[] | undefined;
  /** Why this machine cannot run it. */
  readonly missing?: string | undefined;
  readonly kind?: ContenderKind | undefined;
}

export interface Comparison {
  /** That measured it. Those that were stored before groups were told have none. */
  readonly group?: string | undefined;
  readonly name: string;
  readonly durability: string;
  readonly isOrdered: boolean;
  readonly metrics: readonly Metric[];
  readonly contenders: readonly Contender[];
  /** What others had of its rounds. Old reports have none. */
  readonly disturbance?: Disturbance | undefined;
}

export interface Contender {
  readonly name: string;
  readonly durability: string;
  readonly kind: ContenderKind;
  readonly note: string | null;
  /** In the order of the metrics. */
  readonly figures: readonly Figures[];
}

/** Null: this one has no such figure. */
export interface Figures {
  readonly median: number | null;
  readonly spread: number | null;
  readonly rounds: readonly number[];
}

export function compare(measured: Measured): Comparison {
  const { name, durability, metrics, contenders, isOrdered = false } = measured;
  return {
    name,
    durability,
    isOrdered,
    metrics,
    contenders: contenders.map((each) => ({
      name: each.name,
      durability: each.durability ?? durability,
      kind: kindOf(each),
      note: [...whyOut(each), ...(each.note === undefined ? [] : [each.note])].join("; ") || null,
      figures: metrics.map((metric) => summarize(valuesOf(each, metric))),
    })),
    ...(measured.disturbance === undefined ? {} : { disturbance: measured.disturbance }),
  };
}

function kindOf({ kind = "peer", faults = [] }: MeasuredContender): ContenderKind {
  return faults.length > 0 ? "line" : kind;
}

function summarize(rounds: readonly number[]): Figures {
  if (rounds.length === 0) return { median: null, spread: null, rounds };
  return { median: median(rounds), spread: spread(rounds), rounds };
}

/** What broke one, or what this machine lacks of it: it is nobody to be ahead of. */
function whyOut({ faults = [], missing }: MeasuredContender): readonly string[] {
  return missing === undefined ? faults : [...faults, missing];
}

/** Whom ours is held against, in rows named so. */
const rivals = { peer: "the best peer", bare: "the best that promises less" } as const;

/** Rows for each of the named metrics: ours against the best peer, and against the best of those that promise less. */
export function aheadRows(measured: Measured, ...wanted: readonly string[]): readonly Row[] {
  return rowsOf(measured, measured.name, wanted, undefined);
}

/** The same of another one of ours, by its name. */
export function aheadRowsOf(own: string, measured: Measured, ...wanted: readonly string[]): readonly Row[] {
  return rowsOf(measured, `${measured.name}, ${own}`, wanted, own);
}

function rowsOf(
  measured: Measured,
  title: string,
  wanted: readonly string[],
  own: string | undefined,
): readonly Row[] {
  const metrics = measured.metrics.filter((metric) => wanted.includes(metric.name));
  return metrics.flatMap(({ name: metric, better }) =>
    (["peer", "bare"] as const)
      .filter((kind) => rivalsOf(measured, kind).length > 0)
      .map((kind) =>
        besideBest(measured, metric, kind, {
          name: `${title}: ${metric}, beside ${rivals[kind]}`,
          own,
          goal: { compared: better === "more" ? "ours / baseline" : "baseline / ours", atLeast: 1 },
        }),
      ),
  );
}

/** Ours against the best of a kind. Where none of them has a figure, the row is there all the same, with the reasons and no verdict. */
export function besideBest(
  measured: Measured,
  metricName: string,
  kind: keyof typeof rivals,
  { name, goal, own }: { readonly name: string; readonly goal: Goal; readonly own?: string | undefined },
): Row {
  const metric = measured.metrics.find((each) => each.name === metricName);
  const ours = measured.contenders.find((each, at) => (own === undefined ? at === 0 : each.name === own));
  if (metric === undefined || ours === undefined) throw new TypeError(`no ${metricName} of ours`);
  const all = rivalsOf(measured, kind);
  const able = all.filter((each) => whyOut(each).length === 0 && valuesOf(each, metric).length > 0);
  const sign = metric.better === "more" ? -1 : 1;
  const [best] = able.toSorted((a, b) => sign * (median(valuesOf(a, metric)) - median(valuesOf(b, metric))));
  return judge({
    name,
    durability: measured.durability,
    unit: metric.unit,
    ours: valuesOf(ours, metric),
    baseline: {
      name: best?.name ?? rivals[kind],
      durability: best?.durability === measured.durability ? undefined : best?.durability,
      values: best === undefined ? [] : valuesOf(best, metric),
    },
    goal,
    faults: faultsOfOurs(measured),
    missing: ours.missing,
    disturbance: measured.disturbance,
    ...(best === undefined ? whyNone(all) : noteOn(best, all)),
  });
}

function rivalsOf({ contenders }: Measured, kind: ContenderKind): readonly MeasuredContender[] {
  return contenders.slice(1).filter((each) => (each.kind ?? "peer") === kind);
}

/** All of them are ours to answer for: another one of ours that lost something shares its code. */
function faultsOfOurs({ contenders }: Measured): readonly string[] {
  return contenders
    .filter((each, at) => at === 0 || each.kind === "ours")
    .flatMap(({ name, faults = [] }) => faults.map((fault) => `${name}: ${fault}`));
}

/** Skipped, where this machine has none of them; undecided, where one was tried. */
function whyNone(all: readonly MeasuredContender[]): Pick<Measurement, "baselineMissing" | "baselineFaults"> {
  const told = ({ name, missing, faults = [] }: MeasuredContender): string =>
    `${name}: ${missing ?? ([...faults].join(", ") || "it has no figure")}`;
  const tried = all.filter(({ missing }) => missing === undefined);
  return tried.length === 0
    ? { baselineMissing: all.map(told).join("; ") }
    : { baselineFaults: all.map(told) };
}

/** What there is to know of the best one, and who was not held against ours. */
function noteOn(best: MeasuredContender, all: readonly MeasuredContender[]): Pick<Measurement, "note"> {
  const out = all.filter((each) => whyOut(each).length > 0).map(({ name }) => name);
  const notes = [
    ...(best.note === undefined ? [] : [`${best.name}: ${best.note}`]),
    ...(out.length === 0 ? [] : [`not held against ours, see the table: ${out.join(", ")}`]),
  ];
  return notes.length === 0 ? {} : { note: notes.join("; ") };
}

/** None, where a round has no figure: who did nothing has no latency. */
function valuesOf(each: MeasuredContender, metric: Metric): readonly number[] {
  const values = each.figures[metric.name] ?? [];
  return values.every(Number.isFinite) ? values : [];
}
