/** One thing at several sizes, in turns: what a call costs at each, and whether it grows faster than it may. */
import type { BenchContext } from "../../measure/bench-context.ts";
import type { Measured, Metric } from "../../measure/comparison.ts";
import { figure } from "../../measure/figure.ts";
import { disturbance, interleave, type Disturbance } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";

export interface Point {
  /** `10 MB`, `64 processes`. */
  readonly label: string;
  /** What a growth is measured by. */
  readonly size: number;
}

/** By metric. */
export type Figures = Readonly<Record<string, number>>;

/** What is measured at one size. */
export interface Sized {
  readonly round: () => Promise<Figures>;
  /** What it broke, asked after all rounds. */
  readonly faults?: () => Promise<readonly string[]>;
  readonly end?: () => Promise<unknown>;
}

export interface Growth {
  readonly name: string;
  readonly durability: string;
  readonly metrics: Measured["metrics"];
  /** From the smallest to the largest. */
  readonly points: readonly Point[];
  readonly rounds: number;
  /** Makes what is measured, equally warm at each size. All sizes are open together: they are measured in turns. */
  readonly open: (point: Point) => Promise<Sized>;
  /** The error by which the format says that it allows no such size. Any other one breaks the group. */
  readonly endsBy?: RegExp;
}

export interface Growing {
  readonly metric: string;
  /**
   * `flat`: the largest costs no more than this many times the smallest. `linear`: each costs no more than this many times as much for
   * each of its parts as the next smaller one; the smallest would be no measure, for most of what it costs is the start.
   */
  readonly shape: "flat" | "linear";
  readonly atMost: number;
  /** From this size on, where a smaller one does something else; a quick run may have no two of those, and takes all. */
  readonly from?: number;
}

export interface MeasuredPoint {
  readonly point: Point;
  /** By metric, a figure for each round. */
  readonly figures: Readonly<Record<string, readonly number[]>>;
}

/** All sizes, and what there is to say of them together. */
export interface Grown {
  readonly points: readonly MeasuredPoint[];
  readonly faults: readonly string[];
  /** What ended them before the last one. */
  readonly end?: string | undefined;
  readonly disturbance?: Disturbance | undefined;
}

/** A quick run has the two smallest. */
export function someOf(context: BenchContext, points: readonly Point[]): readonly Point[] {
  return context.quick ? points.slice(0, 2) : points;
}

/** Shows all points, and judges them. */
export async function measureGrowth(
  context: BenchContext,
  growth: Growth,
  ...growing: readonly Growing[]
): Promise<readonly Row[]> {
  const grown = await measureSizes(context, growth);
  const { points, end } = grown;
  context.show({
    name: growth.name,
    durability: growth.durability,
    metrics: growth.metrics,
    isOrdered: true,
    contenders: points.map(({ point, figures }, at) => ({
      name: point.label,
      figures,
      note: at === points.length - 1 ? end : undefined,
    })),
    disturbance: grown.disturbance,
  });
  return growing.map((each) => judgeGrowth(growth, grown, each));
}

/** Opens all, lets them take turns, asks what they broke, and ends them. */
async function measureSizes(context: BenchContext, growth: Growth): Promise<Grown> {
  const { opened, end } = await openSizes(context, growth);
  const rounds = await interleave(
    growth.rounds,
    Object.fromEntries(opened.map(({ point, round }) => [point.label, round])),
  );
  const faults = (await Promise.all(opened.map(async ({ faults: asked }) => (await asked?.()) ?? []))).flat();
  for (const each of opened) await each.end?.();
  const points = opened.map(({ point }) => ({
    point,
    figures: byMetric(growth.metrics, rounds[point.label] ?? []),
  }));
  return { points, faults, end, disturbance: rounds[disturbance] };
}

function byMetric(metrics: readonly Metric[], rounds: readonly Figures[]): MeasuredPoint["figures"] {
  return Object.fromEntries(
    metrics.map(({ name }) => [name, rounds.map((each) => each[name] ?? Number.NaN)]),
  );
}

type Opened = Sized & { readonly point: Point };

/** All sizes, or those below the end of the format, and what it said there. */
async function openSizes(
  context: BenchContext,
  { name, points, open, endsBy }: Growth,
): Promise<{ readonly opened: readonly Opened[]; readonly end: string | undefined }> {
  const opened: Opened[] = [];
  for (const point of points) {
    context.say(`${name}: ${point.label}`);
    try {
      opened.push({ ...(await open(point)), point });
    } catch (error) {
      const lines = error instanceof Error ? error.message.split("\n") : [];
      const end = endsBy && lines.find((line) => endsBy.test(line));
      if (end === undefined) throw error;
      return { opened, end: `${point.label}: ${end.trim()}` };
    }
  }
  return { opened, end: undefined };
}

export function judgeGrowth(
  { name, durability, metrics }: Pick<Growth, "name" | "durability" | "metrics">,
  { points: measured, faults, end, disturbance: others }: Grown,
  { metric, shape, atMost, from: since }: Growing,
): Row {
  const told = metrics.find((each) => each.name === metric);
  const valuesOf = ({ figures }: MeasuredPoint): readonly number[] => figures[metric] ?? [];
  const isLinear = shape === "linear";
  const large = measured.filter(({ point }) => point.size >= (since ?? 0));
  const some = large.length > 1 ? large : measured;
  const [from, to] = isLinear ? steepest(some, valuesOf) : [some[0], some.at(-1)];
  if (told === undefined || from === undefined || to === undefined || from === to)
    throw new Error(`${name}: fewer than two sizes of ${metric} were measured; ${end ?? ""}`);
  const parts = isLinear ? to.point.size / from.point.size : 1;
  const all = measured.map((each) => `${each.point.label} ${figure(median(valuesOf(each)))}`).join(", ");
  const compared = told.better === "less" ? "ours / baseline" : "baseline / ours";
  return judge({
    name: `${name}: ${metric} ${isLinear ? "of a part, where it grows most" : `at ${to.point.label}`}`,
    durability,
    unit: told.unit,
    ours: valuesOf(to).map((value) => value / parts),
    baseline: { name: `at ${from.point.label}`, values: valuesOf(from) },
    goal: { compared, atMost },
    faults,
    disturbance: others,
    note: `${isLinear ? `linear; from ${from.point.label} to ${to.point.label}` : "flat"}; ${all}${end === undefined ? "" : `; ${end}`}`,
  });
}

/** The two neighbours between which the cost of a part grows most. */
function steepest(
  measured: readonly MeasuredPoint[],
  valuesOf: (each: MeasuredPoint) => readonly number[],
): readonly (MeasuredPoint | undefined)[] {
  const partOf = (each: MeasuredPoint): number => median(valuesOf(each)) / each.point.size;
  const steps = measured.slice(1).map((to, at) => [measured[at] ?? to, to] as const);
  return steps.toSorted(([a, b], [c, d]) => partOf(d) / partOf(c) - partOf(b) / partOf(a))[0] ?? [];
}
