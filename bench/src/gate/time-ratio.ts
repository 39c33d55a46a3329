/** The times of two checkouts, slice by slice in turn: what a busy machine does to one, it does to the other. */
import { LineProgram } from "../measure/line-program.ts";
import { interleave } from "../measure/rounds.ts";
import { percentile } from "../measure/statistics.ts";
import type { HotPath } from "./hot-path.ts";
import type { Cost } from "./probes/cost.ts";
import { onSide, probeOf, type Side, type Sides } from "./side.ts";

/** Second over first. */
export interface TimeRatio {
  readonly median: number;
  /** Three of four rounds were at least this. */
  readonly lowerQuartile: number;
  /** How much slower than itself the first one came out: three of four rounds of a twin of it were at most this. */
  readonly noise: number;
}

export interface TimeRatios {
  readonly processor: TimeRatio;
  readonly clock: TimeRatio;
}

/** Processor time of one slice, so many calls. */
const sliceUs = 20_000;

type Slices<Figure> = Readonly<Record<"base" | "twin" | "head", Figure>>;

/** A slice is some calls of a process that goes on, or one import by a process of its own. */
export function timeRatios({ name, imports }: HotPath, sides: Sides, rounds: number): Promise<TimeRatios> {
  return imports === undefined ? ofCalls(name, sides, rounds) : ofImports(imports, sides, rounds);
}

async function ofCalls(path: string, [base, head]: Sides, rounds: number): Promise<TimeRatios> {
  const programs: LineProgram[] = [];
  const start = async (side: Side, own: string): Promise<(count: number) => Promise<Cost>> => {
    const args = [probeOf(side, "hot-paths"), `${side.directory}/${own}`, path];
    const program = new LineProgram(process.execPath, args);
    programs.push(program);
    await onSide(side, () => program.ready());
    return (count) => onSide(side, () => program.ask<Cost>(String(count)));
  };
  try {
    const call = {
      base: await start(base, "time"),
      twin: await start(base, "twin"),
      head: await start(head, "time"),
    };
    for (const warmUp of Object.values(call)) await warmUp(200);
    const { cpuUs } = await call.base(200);
    const count = Math.max(5, Math.round(sliceUs / cpuUs));
    return await ratiosOf(rounds, {
      base: () => call.base(count),
      twin: () => call.twin(count),
      head: () => call.head(count),
    });
  } finally {
    for (const program of programs) program.kill();
    await Promise.all(programs.map((program) => program.ended()));
  }
}

function ofImports(specifier: string, [base, head]: Sides, rounds: number): Promise<TimeRatios> {
  const once = (side: Side): Promise<Cost> =>
    onSide(side, async () => {
      const program = new LineProgram(process.execPath, [probeOf(side, "import-package"), specifier]);
      try {
        return JSON.parse(await program.nextLine()) as Cost;
      } finally {
        await program.ended();
      }
    });
  return ratiosOf(rounds, { base: () => once(base), twin: () => once(base), head: () => once(head) });
}

async function ratiosOf(rounds: number, slices: Slices<() => Promise<Cost>>): Promise<TimeRatios> {
  await interleave(3, slices); // compiled by now, or read from the disk
  const costs = await interleave(rounds, slices);
  const ratioOf = (what: keyof Cost): TimeRatio =>
    timeRatio({
      base: costs.base.map((cost) => cost[what]),
      twin: costs.twin.map((cost) => cost[what]),
      head: costs.head.map((cost) => cost[what]),
    });
  return { processor: ratioOf("cpuUs"), clock: ratioOf("clockUs") };
}

/** @param times - Of each round. @throws {RangeError} one is 0: its ratio would be no slower than anything. */
export function timeRatio({ base, twin, head }: Slices<readonly number[]>): TimeRatio {
  if (![...base, ...twin, ...head].every((time) => time > 0)) throw new RangeError("a slice took no time");
  const ratios = (times: readonly number[]): number[] =>
    times.map((time, round) => time / (base[round] ?? Number.NaN));
  return {
    median: percentile(ratios(head), 0.5),
    lowerQuartile: percentile(ratios(head), 0.25),
    noise: percentile(ratios(twin), 0.75),
  };
}

/** Slower than allowed, and by more than the first is slower than itself. */
export function isSlower({ median, lowerQuartile, noise }: TimeRatio, threshold: number): boolean {
  return median > threshold && lowerQuartile > noise;
}
