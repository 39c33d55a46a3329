/** A process that waits for locks keeps the threads that Node does its file calls on. */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { judge, type Row } from "../../measure/row.ts";

/** Twice as many as Node has threads for file calls. */
const locks = 8;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const waiting: number[] = [];
  const free: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const paths = Array.from({ length: locks }, (_, at) => context.file(`threads-${round}-${at}`));
    const holders = await Promise.all(
      paths.map((path) => new LineProgram(pathOf(cBaseline("hold")), [`${path}.lock`]).ready()),
    );
    const program = await nodeWorker("threads.ts", ["ours", ...paths]).ready();
    const ask = async (): Promise<number> =>
      (await program.ask<{ medianUs: number }>(String(Math.ceil(2_000 / shrink)))).medianUs;
    await ask();
    free.push(await ask());
    await program.ask("wait");
    waiting.push(await ask());
    for (const each of [program, ...holders]) each.kill();
    await Promise.all([program, ...holders].map((each) => each.ended()));
  }
  return [
    judge({
      name: `a file call of a process that waits for ${locks} locks`,
      durability: "none",
      unit: "us",
      ours: waiting,
      baseline: { name: "the same process before it waits", values: free },
      goal: { compared: "ours / baseline", atMost: 1.5 },
      note: "Node has four threads for file calls: a wait that took one would stop them all",
    }),
  ];
}

export const threads: Group = { name: "threads", measure };
