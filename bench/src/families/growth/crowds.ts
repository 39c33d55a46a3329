/** More processes on one lock, and a longer history behind one queue. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { runFleet, type FleetFigures } from "../../measure/fleet.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import { measureGrowth } from "./growth.ts";

async function measureProcesses(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  let run = 0;
  const lostAt: { readonly size: number; readonly lost: number }[] = [];
  const rows = await measureGrowth(context, {
    name: "processes on one lock, 1 ms holds",
    durability: "none",
    metrics: [
      { name: "throughput", unit: "ops/s", better: "more", drawn: true },
      { name: "p99 wait", unit: "ms", better: "less", drawn: true },
      { name: "processor time an operation", unit: "us", better: "less", drawn: true },
      { name: "Jain", unit: "index", better: "more", drawn: false },
    ],
    points: [1, 2, 4, 8, 16, 32, 64].map((size) => ({ label: `${size} processes`, size })),
    measure: async ({ size }) => {
      const figures: FleetFigures[] = [];
      for (let round = 0; round < Math.min(rounds, 3); round += 1) {
        const path = context.file(`crowd-${(run += 1)}`);
        const plan = {
          path,
          sectionUs: 1_000,
          thinkUs: 0,
          seconds: Math.max(fleetSeconds / 2, size / 100),
        };
        const member = (args: readonly string[]) => nodeWorker("section.ts", [...args, "ours"]);
        const { groups, lost } = await runFleet(plan, [Array.from({ length: size }, () => member)]);
        lostAt.push({ size, lost });
        figures.push(...groups);
      }
      return {
        throughput: figures.map(({ opsPerSecond }) => opsPerSecond),
        "p99 wait": figures.map(({ p99Ms }) => p99Ms),
        "processor time an operation": figures.map(({ cpuUs }) => cpuUs),
        Jain: figures.map(({ jain }) => jain),
      };
    },
  });
  return [...rows, lostUpdates(lostAt, context.quick ? 2 : 64)];
}

/** At all counts of processes, up to the one that had to be reached. */
function lostUpdates(runs: readonly { readonly size: number; readonly lost: number }[], wanted: number): Row {
  const most = Math.max(0, ...runs.map(({ size }) => size));
  const total = runs.reduce((sum, { lost }) => sum + Math.abs(lost), 0);
  return judge({
    name: `1 to ${wanted} processes on one lock: updates lost`,
    durability: "none",
    unit: "index",
    ours: [total],
    goal: { compared: "ours", atMost: 0 },
    faults: [
      ...(total === 0 ? [] : [`${total} updates lost`]),
      ...(most === wanted ? [] : [`no more than ${most} processes could be measured`]),
    ],
    note: "jit, whose locks poll, advises 5 to 10 agents",
  });
}

async function measureHistory(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  return await measureGrowth(
    context,
    {
      name: "a job after so many others",
      durability: "os",
      metrics: [{ name: "processor time", unit: "us", better: "less", drawn: true }],
      points: [1_000, 10_000, 100_000].map((size) => ({
        label: `${size.toLocaleString("en-US")} jobs`,
        size,
      })),
      measure: async ({ size }) => {
        const program = await nodeWorker("queue-jobs.ts", [
          context.file(`history-${size}`),
          "ours",
          "os",
          "64",
        ]).ready();
        try {
          await program.ask(`jobs ${size}`);
          const costs: number[] = [];
          for (let round = 0; round < rounds; round += 1)
            costs.push((await program.ask<Cost>(`jobs ${Math.ceil(2_000 / shrink)}`)).cpuUs);
          return { "processor time": costs };
        } finally {
          program.kill();
          await program.ended();
        }
      },
    },
    { metric: "processor time", shape: "flat", atMost: 1.5 },
  );
}

export const moreProcesses: Group = { name: "process counts", measure: measureProcesses };
export const longerHistory: Group = { name: "histories", measure: measureHistory };
