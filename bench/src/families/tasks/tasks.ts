/** Updates of FlowForge's file of tasks. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, lossOf } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { startPrograms } from "../../measure/programs.ts";
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
  const failures = new Failures(context.say);
  const programs = await startPrograms(failures, {
    ours: () => nodeWorker("task-updates.ts", [oursIn, "ours"]),
    naive: () => nodeWorker("task-updates.ts", [naiveIn, "naive"]),
  });
  const alone = Math.ceil(100 / shrink);
  const slices = {
    ours: programs.slice<Cost>("ours", "100"),
    naive: programs.slice<Cost>("naive", String(alone)),
  };
  const asked = { ours: 0, naive: 0 };
  const contenders = {
    ours: () => ((asked.ours += 100), slices.ours()),
    naive: () => ((asked.naive += alone), slices.naive()),
  };
  await warmUp(1, contenders);
  const costs = ended(await interleave(rounds, contenders));
  await programs.end();
  const lost = { ours: asked.ours - countedIn(oursIn), naive: asked.naive - countedIn(naiveIn) };
  const between = failures.between("ours", "naive");
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
      ...between,
      faults: between.faults.length > 0 ? between.faults : lossOf(lost.ours, "updates"),
      baselineFaults:
        between.baselineFaults.length > 0 ? between.baselineFaults : lossOf(lost.naive, "updates"),
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
    await Promise.all(programs.map((program) => program.ask(`warm ${Math.ceil(1_000 / shrink)} 3`)));
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
  const failures = new Failures(context.say);
  const fleets = {
    ours: await failures.of("ours", () => run("ours")),
    polling: await failures.of("polling", () => run("polling")),
  };
  const contenders = failures.guard({
    ours: async () => await fleets.ours?.run(),
    polling: async () => await fleets.polling?.run(),
  });
  const figures = ended(await interleave(Math.min(rounds, 3), contenders));
  const lost = {
    ours: await failures.of("ours", async () => await fleets.ours?.end()),
    polling: await failures.of("polling", async () => await fleets.polling?.end()),
  };
  const between = failures.between("ours", "polling");
  return [
    judge({
      name: "8 processes × 100 updates of one tasks.json",
      durability: "disk",
      unit: "ops/s",
      ours: figures.ours,
      baseline: { name: "wx lock, looked for every 100 ms", values: figures.polling },
      goal: { compared: "ours / baseline", atLeast: 10 },
      ...between,
      faults: [...between.faults, ...lossOf(lost.ours ?? 0, "updates")],
      baselineFaults: [...between.baselineFaults, ...lossOf(lost.polling ?? 0, "updates")],
    }),
  ];
}

export const taskFile: Group = { name: "task-file", measure: measureTaskFile };
export const taskFleet: Group = { name: "task-fleet", measure: measureFleet };
