/** A longer history behind one queue. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import type { Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import { measureGrowth, someOf, type Point } from "./growth.ts";

const lengths: readonly Point[] = [1_000, 10_000, 100_000].map((size) => ({
  label: `${size.toLocaleString("en-US")} jobs`,
  size,
}));

const openQueue = (path: string, env: Readonly<Record<string, string>> = {}): Promise<LineProgram> =>
  nodeWorker("queue-jobs.ts", [path, "ours", "os", "64"], { env }).ready();

/** By a program of its own, so that all that are measured are equally warm. */
async function makeHistory(path: string, jobs: number): Promise<void> {
  const program = await openQueue(path, { FLOCKWORK_BENCH_WARM_MS: "0" });
  await program.ask(`jobs ${jobs}`);
  await program.end();
}

async function measureHistory(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const order = `jobs ${Math.ceil(2_000 / shrink)}`;
  return await measureGrowth(
    context,
    {
      name: "a job after so many others",
      durability: "os",
      metrics: [{ name: "processor time", unit: "us", better: "less", drawn: true }],
      points: someOf(context, lengths),
      rounds,
      async open({ size }) {
        const path = context.file(`history-${size}`);
        await makeHistory(path, size);
        const program = await openQueue(path);
        await program.ask(order);
        return {
          round: async () => ({ "processor time": (await program.ask<Cost>(order)).cpuUs }),
          end: () => program.end(),
        };
      },
    },
    { metric: "processor time", shape: "flat", atMost: 1.5 },
  );
}

export const longerHistory: Group = { name: "histories", measure: measureHistory };
