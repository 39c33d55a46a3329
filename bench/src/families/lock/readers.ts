/** A writer amid eight readers that overlap: with flock alone it would never get in. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { withPrograms } from "../../measure/programs.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { largest, median, percentile } from "../../measure/statistics.ts";

interface Run {
  readonly p99Ms: number;
  readonly medianMs: number;
  readonly longestReadMs: number;
  readonly grants: number;
}

function amidReaders(path: string, seconds: string): Promise<Run> {
  return withPrograms(async (keep) => {
    const readers = Array.from({ length: 8 }, () => keep(nodeWorker("reader.ts", [path, seconds])));
    const writer = keep(nodeWorker("writer.ts", [path, seconds]));
    const all = [...readers, writer];
    await Promise.all(all.map((program) => program.ready()));
    const [{ waitsMs }, ...held] = await Promise.all([
      writer.ask<{ waitsMs: number[] }>("go"),
      ...readers.map((reader) => reader.ask<{ longestMs: number }>("go")),
    ]);
    await Promise.all(all.map((program) => program.end()));
    return {
      p99Ms: percentile(waitsMs, 0.99),
      medianMs: median(waitsMs),
      longestReadMs: largest(held.map(({ longestMs }) => longestMs)),
      grants: waitsMs.length,
    };
  });
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  context.say("a writer amid 8 readers");
  let run = 0;
  const { ours } = await interleave(rounds, {
    ours: () => amidReaders(context.file(`readers-${(run += 1)}`), String(fleetSeconds)),
  });
  return [
    judge({
      name: "a writer under 8 overlapping readers (15-25 ms): p99 wait",
      durability: "none",
      unit: "ms",
      ours: ours.map(({ p99Ms }) => p99Ms),
      baseline: { name: "longest read", values: ours.map(({ longestReadMs }) => longestReadMs) },
      goal: { compared: "ours / baseline", atMost: 2 },
      note: `median wait ${median(ours.map(({ medianMs }) => medianMs)).toFixed(1)} ms, ${median(ours.map(({ grants }) => grants))} grants a round`,
    }),
  ];
}

export const readers: Group = { name: "readers", measure };
