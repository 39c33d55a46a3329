/** Updates of FlowForge's file of tasks. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { lossOf } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Cost } from "../../workers/line-server.ts";

/** A project whose tasks.json has this size; every task can be counted up. */
function project(context: BenchContext, name: string, tasks: number, padding: number): string {
  const directory = context.file(name);
  mkdirSync(join(directory, ".flowforge"), { recursive: true });
  const entry = (id: number): object => ({
    id,
    title: `Task ${id}`,
    description: "x".repeat(padding),
    status: "pending",
    priority: "medium",
    createdAt: "2026-01-01T00:00:00.000Z",
    microtasks: [],
    dependencies: [],
  });
  const file = {
    tasks: Array.from({ length: tasks }, (_, at) => entry(at + 1)),
    milestones: [],
    timeSessions: {},
    lastUpdated: "",
    version: "2.0.0",
  };
  writeFileSync(join(directory, ".flowforge/tasks.json"), JSON.stringify(file, null, 2));
  return directory;
}

function countedIn(directory: string): number {
  const { tasks } = JSON.parse(readFileSync(join(directory, ".flowforge/tasks.json"), "utf8")) as {
    tasks: { done?: number }[];
  };
  return tasks.reduce((sum, { done = 0 }) => sum + done, 0);
}

async function measureTaskFile(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const [oursIn, naiveIn] = [
    project(context, "tasks-ours", 2_800, 170),
    project(context, "tasks-naive", 2_800, 170),
  ];
  const [ours, naive] = await Promise.all([
    nodeWorker("task-updates.ts", [oursIn, "ours"]).ready(),
    nodeWorker("task-updates.ts", [naiveIn, "naive"]).ready(),
  ]);
  const alone = Math.ceil(100 / shrink);
  const asked = { ours: 0, naive: 0 };
  const contenders = {
    ours: () => ((asked.ours += 100), ours.ask<Cost>("100")),
    naive: () => ((asked.naive += alone), naive.ask<Cost>(String(alone))),
  };
  await warmUp(1, contenders);
  const costs = await interleave(rounds, contenders);
  await Promise.all([ours.end(), naive.end()]);
  const cpu = (name: keyof typeof contenders): number =>
    Math.round(median(costs[name].map(({ cpuUs }) => cpuUs)));
  return [
    judge({
      name: "100 updates at once of a 1 MB tasks.json, one process",
      durability: "disk",
      unit: "us",
      ours: costs.ours.map(({ wallUs }) => wallUs),
      baseline: { name: "lock, read, write for each", values: costs.naive.map(({ wallUs }) => wallUs) },
      goal: { compared: "baseline / ours", atLeast: 30 },
      faults: lossOf(asked.ours - countedIn(oursIn), "updates"),
      baselineFaults: lossOf(asked.naive - countedIn(naiveIn), "updates"),
      note: `mean of one update; processor time ${cpu("ours")} against ${cpu("naive")} us`,
    }),
  ];
}

async function measureFleet(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const members = 8;
  const each = Math.ceil(100 / shrink);
  const run = async (
    way: string,
  ): Promise<{ readonly run: () => Promise<number>; readonly end: () => Promise<number> }> => {
    const directory = project(context, `tasks-fleet-${way}`, 800, 20);
    const programs = await Promise.all(
      Array.from({ length: members }, (_, at) =>
        nodeWorker("task-updates.ts", [directory, way, String(at)]).ready(),
      ),
    );
    let asked = 0;
    return {
      run: async () => {
        asked += members * each;
        const startedAt = performance.now();
        await Promise.all(programs.map((program) => program.ask<Cost>(String(each))));
        return (members * each * 1_000) / (performance.now() - startedAt);
      },
      end: async () => {
        await Promise.all(programs.map((program) => program.end()));
        return asked - countedIn(directory);
      },
    };
  };
  const [ours, polling] = [await run("ours"), await run("polling")];
  const contenders = { ours: ours.run, polling: polling.run };
  await ours.run();
  const figures = await interleave(Math.min(rounds, 3), contenders);
  const lost = { ours: await ours.end(), polling: await polling.end() };
  return [
    judge({
      name: "8 processes × 100 updates of one tasks.json",
      durability: "disk",
      unit: "ops/s",
      ours: figures.ours,
      baseline: { name: "wx lock, looked for every 100 ms", values: figures.polling },
      goal: { compared: "ours / baseline", atLeast: 10 },
      faults: lossOf(lost.ours, "updates"),
      baselineFaults: lossOf(lost.polling, "updates"),
    }),
  ];
}

export const taskFile: Group = { name: "task-file", measure: measureTaskFile };
export const taskFleet: Group = { name: "task-fleet", measure: measureFleet };
