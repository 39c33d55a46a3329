/** One thing at several sizes: what a call costs at each, and whether it grows faster than it may. */
import type { BenchContext } from "../../measure/bench-context.ts";
import type { Measured } from "../../measure/comparison.ts";
import { judge, type Row, type Unit } from "../../measure/row.ts";
import { figure } from "../../measure/figure.ts";
import { median } from "../../measure/statistics.ts";

export interface Point {
  /** `10 MB`, `64 processes`. */
  readonly label: string;
  /** What a growth is measured by. */
  readonly size: number;
}

export interface Growth {
  readonly name: string;
  readonly durability: string;
  readonly metrics: Measured["metrics"];
  readonly points: readonly Point[];
  /** By metric, a figure for each round. Undefined where the format allows no such size. */
  readonly measure: (point: Point) => Promise<Readonly<Record<string, readonly number[]>>>;
  /** Stops before the next point when one took longer, preparations included. */
  readonly mostSeconds?: number;
}

export interface Growing {
  readonly metric: string;
  /**
   * `flat`: the largest costs no more than this many times the smallest. `linear`: each costs no more than this many times as much for
   * each of its parts as the next smaller one; the smallest would be no measure, for most of what it costs is the start.
   */
  readonly shape: "flat" | "linear";
  readonly atMost: number;
}

/** Shows all points, and judges them. A size that fails ends the row, and the note says why. */
export async function measureGrowth(
  context: BenchContext,
  growth: Growth,
  ...growing: readonly Growing[]
): Promise<readonly Row[]> {
  const { name, durability, metrics, points, measure, mostSeconds = 120 } = growth;
  const measured: MeasuredPoint[] = [];
  let note: string | undefined;
  for (const point of context.quick ? points.slice(0, 2) : points) {
    context.say(`${name}: ${point.label}`);
    const since = performance.now();
    try {
      measured.push({ point, figures: await measure(point) });
    } catch (error) {
      note = `${point.label}: ${error instanceof Error ? (error.message.split("\n").find((line) => line.includes("Error")) ?? error.message.split("\n")[0]) : String(error)}`;
      context.say(`STOPPED at ${note}`);
      break;
    }
    if (performance.now() - since > mostSeconds * 1_000 && point !== points.at(-1)) {
      note = `no larger than ${point.label}: that took more than ${mostSeconds} s`;
      break;
    }
  }
  context.show({
    name,
    durability,
    metrics,
    isOrdered: true,
    contenders: measured.map(({ point, figures }, at) => ({
      name: point.label,
      figures,
      note: at === measured.length - 1 ? note : undefined,
    })),
  });
  if (growing.length === 0) return [];
  if (measured.length < 2) throw new Error(`${name}: fewer than two sizes could be measured; ${note ?? ""}`);
  return growing.map((each) => judgeGrowth(growth, measured, each, note));
}

interface MeasuredPoint {
  readonly point: Point;
  readonly figures: Readonly<Record<string, readonly number[]>>;
}

function judgeGrowth(
  { name, durability, metrics }: Growth,
  measured: readonly MeasuredPoint[],
  { metric, shape, atMost }: Growing,
  why: string | undefined,
): Row {
  const valuesOf = ({ figures }: MeasuredPoint): readonly number[] => figures[metric] ?? [];
  const isLinear = shape === "linear";
  const [from, to] = isLinear ? steepest(measured, valuesOf) : [measured[0], measured.at(-1)];
  if (from === undefined || to === undefined) throw new Error(`${name}: no two sizes`);
  const parts = isLinear ? to.point.size / from.point.size : 1;
  const rounds = Math.min(valuesOf(from).length, valuesOf(to).length);
  const all = measured.map((each) => `${each.point.label} ${figure(median(valuesOf(each)))}`).join(", ");
  return judge({
    name: `${name}: ${metric} ${isLinear ? "of a part, where it grows most" : `at ${to.point.label}`}`,
    durability,
    unit: unitOf(metrics, metric),
    ours: valuesOf(to)
      .slice(0, rounds)
      .map((value) => value / parts),
    baseline: { name: `at ${from.point.label}`, values: valuesOf(from).slice(0, rounds) },
    goal: { compared: "ours / baseline", atMost },
    note: `${isLinear ? `linear; from ${from.point.label} to ${to.point.label}` : "flat"}; ${all}${why === undefined ? "" : `; ${why}`}`,
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

function unitOf(metrics: Measured["metrics"], metric: string): Unit {
  return metrics.find((each) => each.name === metric)?.unit ?? "us";
}
