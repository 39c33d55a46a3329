/** What a job costs the processor: a figure that the machine's other work does not change, and a bound on jobs per second. */
import { availableParallelism } from "node:os";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import { startFleet } from "./start-fleet.ts";

const processes = 4;
const jobsPerSecond = 15_000;

async function prepare(context: BenchContext, name: string, way: string, count: number) {
  const args = [context.file(name), way, "os", "64"];
  const programs = await startFleet(args, count);
  return {
    /** Microseconds of processor for each job, of all processes together. */
    costOf: (jobs: number) => async (): Promise<number> => {
      const costs = await Promise.all(programs.map((program) => program.ask<Cost>(`jobs ${jobs}`)));
      return costs.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / count;
    },
    end: () => Promise.all(programs.map((program) => program.end())),
  };
}

async function measureCosts(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const alone = await prepare(context, "alone", "ours", 1);
  const ours = await prepare(context, "together", "ours", processes);
  const sqlite = await failures.of("sqlite", () => prepare(context, "sqlite", "sqlite", processes));
  const jobs = Math.ceil(1_000 / shrink);
  const contenders = failures.guard({
    alone: alone.costOf(jobs),
    ours: ours.costOf(jobs),
    sqlite: async () => await sqlite?.costOf(jobs)(),
  });
  await warmUp(1, contenders);
  const cpu = ended(await interleave(rounds, contenders));
  for (const fleet of [alone, ours, sqlite]) await fleet?.end();
  const cores = availableParallelism();
  const common = { durability: "os", unit: "us", note: "processor time of all processes, per job" } as const;
  const atMost = Math.floor((cores * 1e6) / jobsPerSecond);
  return [
    judge({
      ...common,
      name: "a job, one process alone",
      ours: cpu.alone,
      goal: { compared: "ours", atMost },
      ...failures.between("alone"),
    }),
    judge({
      ...common,
      name: `a job, ${processes} processes`,
      ours: cpu.ours,
      goal: { compared: "ours", atMost },
      ...failures.between("ours"),
    }),
    judge({
      ...common,
      name: `a job, ${processes} processes`,
      ours: cpu.ours,
      baseline: { name: "SQLite WAL, synchronous=NORMAL", values: cpu.sqlite },
      goal: { compared: "ours / baseline", atMost: 0.667 },
      ...failures.between("ours", "sqlite"),
    }),
  ];
}

export const jobCosts: Group = { name: "job costs", measure: measureCosts };
