/** One thing at several sizes: what a call costs at each, and whether it grows faster than it may. */
import type { BenchContext } from "../../measure/bench-context.ts";
import type { Measured } from "../../measure/comparison.ts";
import { judge, type Row, type Unit } from "../../measure/row.ts";
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
  /** `flat`: the largest costs no more than this many times the smallest. `linear`: no more than this many times as much for each of its parts. */
  readonly shape: "flat" | "linear";
  readonly atMost: number;
}

/** Shows all points, and judges the largest by the smallest. A size that fails ends the row, and the note says why. */
export async function measureGrowth(
  context: BenchContext,
  growth: Growth,
  ...growing: readonly Growing[]
): Promise<readonly Row[]> {
  const { name, durability, metrics, points, measure, mostSeconds = 120 } = growth;
  const measured: { readonly point: Point; readonly figures: Readonly<Record<string, readonly number[]>> }[] =
    [];
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
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last)
    throw new Error(`${name}: fewer than two sizes could be measured; ${note ?? ""}`);
  return growing.map(({ metric, shape, atMost }) => {
    const parts = shape === "linear" ? last.point.size / first.point.size : 1;
    const figuresOf = ({ figures }: typeof first): readonly number[] => figures[metric] ?? [];
    const rounds = Math.min(figuresOf(first).length, figuresOf(last).length);
    return judge({
      name: `${name}: ${metric} at ${last.point.label}${shape === "linear" ? `, for each ${first.point.label}` : ""}`,
      durability,
      unit: unitOf(metrics, metric),
      ours: figuresOf(last)
        .slice(0, rounds)
        .map((value) => value / parts),
      baseline: { name: `at ${first.point.label}`, values: figuresOf(first).slice(0, rounds) },
      goal: { compared: "ours / baseline", atMost },
      note: `${shape}; ${measured.map(({ point, figures }) => `${point.label} ${median(figures[metric] ?? []).toPrecision(3)}`).join(", ")}${note === undefined ? "" : `; ${note}`}`,
    });
  });
}

function unitOf(metrics: Measured["metrics"], metric: string): Unit {
  return metrics.find((each) => each.name === metric)?.unit ?? "us";
}
