/** Several contenders side by side in several metrics: who they are, what they promise, and what they came to. */
import type { Unit } from "./row.ts";
import type { Disturbance } from "./rounds.ts";
import { judge, type Row } from "./row.ts";
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
  /** What those that promise less do not do. */
  readonly bareNote?: string;
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
      note: [...(each.faults ?? []), ...(each.note === undefined ? [] : [each.note])].join("; ") || null,
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

const groups = [
  ["peer", "the best peer"],
  ["bare", "the best that promises less"],
] as const;

/** Rows for each of the named metrics: ours against the best peer, and against the best of those that promise less. */
export function aheadRows(measured: Measured, ...wanted: readonly string[]): readonly Row[] {
  const [ours, ...others] = measured.contenders;
  if (ours === undefined) return [];
  const metrics = measured.metrics.filter((metric) => wanted.includes(metric.name));
  const faults = measured.contenders.flatMap((each) =>
    each === ours || each.kind === "ours" ? (each.faults ?? []).map((fault) => `${each.name}: ${fault}`) : [],
  );
  return metrics.flatMap((metric) =>
    groups.flatMap(([kind, whom]) => {
      const sign = metric.better === "more" ? -1 : 1;
      const [best] = others
        .filter((each) => kindOf(each) === kind && valuesOf(each, metric).length > 0)
        .toSorted((a, b) => sign * (median(valuesOf(a, metric)) - median(valuesOf(b, metric))));
      if (best === undefined) return [];
      return judge({
        name: `${measured.name}: ${metric.name}, beside ${whom}`,
        durability: measured.durability,
        unit: metric.unit,
        ours: valuesOf(ours, metric),
        baseline: { name: best.name, values: valuesOf(best, metric) },
        goal: { compared: sign < 0 ? "ours / baseline" : "baseline / ours", atLeast: 1 },
        faults,
        disturbance: measured.disturbance,
        ...(kind === "peer" || measured.bareNote === undefined
          ? {}
          : { note: `${best.name}: ${measured.bareNote}` }),
      });
    }),
  );
}

/** None, where a round has no figure: who did nothing has no latency. */
function valuesOf(each: MeasuredContender, metric: Metric): readonly number[] {
  const values = each.figures[metric.name] ?? [];
  return values.every(Number.isFinite) ? values : [];
}
