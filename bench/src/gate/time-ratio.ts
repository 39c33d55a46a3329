/** The processor time of two checkouts, slice by slice in turn: what a busy machine does to one, it does to the other. */
import { LineProgram } from "../measure/line-program.ts";
import { interleave } from "../measure/rounds.ts";
import { percentile } from "../measure/statistics.ts";

/** Second over first. */
export interface TimeRatio {
  readonly median: number;
  /** Three of four rounds were at least this. */
  readonly lowerQuartile: number;
  /** How much slower than itself the first one came out: three of four rounds of a twin of it were at most this. */
  readonly noise: number;
}

/** Processor time of one slice, so many calls. */
const sliceUs = 20_000;

export interface Side {
  /** The program of the hot paths. */
  readonly program: string;
  /** Where it may write. */
  readonly directory: string;
}

export async function timeRatio(
  path: string,
  [base, head]: readonly [Side, Side],
  rounds: number,
): Promise<TimeRatio> {
  const start = ({ program, directory }: Side, own: string): Promise<LineProgram> =>
    new LineProgram(process.execPath, [program, `${directory}/${own}`, path]).ready();
  const programs = {
    base: await start(base, "time"),
    twin: await start(base, "twin"),
    head: await start(head, "time"),
  };
  const ask = async (program: LineProgram, count: number): Promise<number> =>
    (await program.ask<{ cpuUs: number }>(String(count))).cpuUs;
  try {
    for (const program of Object.values(programs)) await ask(program, 200);
    const count = Math.max(5, Math.round(sliceUs / (await ask(programs.base, 200))));
    const contenders = {
      base: () => ask(programs.base, count),
      twin: () => ask(programs.twin, count),
      head: () => ask(programs.head, count),
    };
    await interleave(3, contenders); // compiled by now
    const costs = await interleave(rounds, contenders);
    if (
      !Object.values(costs)
        .flat()
        .every((cost) => cost > 0)
    )
      throw new Error(`a slice of ${path} took no processor time`); // its ratio would be no slower than anything
    const ratios = (values: readonly number[]): number[] =>
      values.map((value, round) => value / (costs.base[round] ?? NaN));
    return {
      median: percentile(ratios(costs.head), 0.5),
      lowerQuartile: percentile(ratios(costs.head), 0.25),
      noise: percentile(ratios(costs.twin), 0.75),
    };
  } finally {
    for (const program of Object.values(programs)) program.kill();
    await Promise.all(Object.values(programs).map((program) => program.ended()));
  }
}

/** Slower than allowed, and by more than the first is slower than itself. */
export function isSlower({ median, lowerQuartile, noise }: TimeRatio, threshold: number): boolean {
  return median > threshold && lowerQuartile > noise;
}
