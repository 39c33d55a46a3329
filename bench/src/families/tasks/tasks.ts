/** Task lists: FlowForge's file, exarp's database, jit's repository. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

const published = 200;

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
  await interleave(1, contenders);
  const costs = await interleave(rounds, contenders);
  await Promise.all([ours.end(), naive.end()]);
  const lost = asked.ours - countedIn(oursIn) + asked.naive - countedIn(naiveIn);
  return [
    judge({
      name: "100 updates at once of a 1 MB tasks.json, one process",
      durability: "disk",
      unit: "us",
      ours: costs.ours.map(({ wallUs }) => wallUs),
      baseline: { name: "lock, read, write for each", values: costs.naive.map(({ wallUs }) => wallUs) },
      goal: { compared: "baseline / ours", atLeast: 30 },
      faults: lost === 0 ? [] : [`${lost} updates lost`],
      note: "mean of one update",
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
  const lost = (await ours.end()) + (await polling.end());
  return [
    judge({
      name: "8 processes × 100 updates of one tasks.json",
      durability: "disk",
      unit: "ops/s",
      ours: figures.ours,
      baseline: { name: "wx lock, looked for every 100 ms", values: figures.polling },
      goal: { compared: "ours / baseline", atLeast: 10 },
      faults: lost === 0 ? [] : [`${lost} updates lost`],
    }),
  ];
}

async function measureClaims(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const start = (name: string, way: string, agents: number): Promise<LineProgram> => {
    const directory = context.file(name);
    mkdirSync(directory, { recursive: true });
    return nodeWorker("todo2-claims.ts", [directory, way, String(agents)]).ready();
  };
  const [one, many, hand] = [
    await start("one", "ours", 1),
    await start("many", "ours", 20),
    await start("hand", "hand", 1),
  ];
  const claims = String(Math.ceil(2_000 / shrink));
  const contenders = {
    one: () => one.ask<Cost>(claims),
    many: () => many.ask<Cost>(claims),
    hand: () => hand.ask<Cost>(claims),
  };
  await interleave(1, contenders);
  const costs = await interleave(rounds, contenders);
  await Promise.all([one, many, hand].map((program) => program.end()));
  const rate = (name: keyof typeof contenders): number[] => costs[name].map(({ wallUs }) => 1e6 / wallUs);
  const common = { durability: "os: WAL, synchronous=NORMAL", unit: "ops/s" } as const;
  const hands = { name: "hand-written loop, node:sqlite", values: rate("hand") };
  return [
    judge({
      ...common,
      name: "todo2: claims of one agent, one after the other",
      ours: rate("one"),
      goal: { compared: "ours", atLeast: 20 * published },
      note: `exarp publishes 100 to ${published}`,
    }),
    judge({
      ...common,
      name: "todo2: claims of 20 agents in one process",
      ours: rate("many"),
      baseline: hands,
      goal: { compared: "ours / baseline", atLeast: 1 },
    }),
  ];
}

async function measureJit(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const measure = async (
    what: string,
    processes: number,
    callers: number,
    each: number,
  ): Promise<Record<"ours" | "global", number[]>> => {
    const start = async (way: string): Promise<() => Promise<number>> => {
      const directory = context.file(`jit-${what}-${way}`);
      mkdirSync(directory, { recursive: true });
      const programs = await Promise.all(
        Array.from({ length: processes }, () =>
          nodeWorker("jit-issues.ts", [directory, way, what, String(callers)]).ready(),
        ),
      );
      let operations = 0;
      return async () => {
        const startedAt = performance.now();
        await Promise.all(programs.map((program) => program.ask<Cost>(String(each))));
        const perSecond = (processes * callers * each * 1_000) / (performance.now() - startedAt);
        operations += processes * callers * each;
        const { all_ids: ids } = JSON.parse(readFileSync(join(directory, ".jit/index.json"), "utf8")) as {
          all_ids: string[];
        };
        const expected = what === "create" ? operations : processes * callers;
        if (ids.length !== expected) throw new Error(`${expected - ids.length} issues lost`);
        return perSecond;
      };
    };
    const contenders = { ours: await start("ours"), global: await start("global") };
    await interleave(1, contenders);
    return interleave(Math.min(rounds, 3), contenders);
  };
  const each = Math.ceil(5 / shrink);
  const creates = await measure("create", 5, 10, each);
  const updates = await measure("update", 4, 5, Math.ceil(10 / shrink));
  const row = (name: string, figures: Record<"ours" | "global", number[]>): Row =>
    judge({
      name,
      durability: "disk",
      unit: "ops/s",
      ours: figures.ours,
      baseline: { name: "one global lock, no events", values: figures.global },
      goal: { compared: "ours / baseline", atLeast: 1 },
      note: "ours also writes jit's events",
    });
  return [
    row("jit: 50 writers × 5 creates, 5 processes", creates),
    row("jit: 20 agents on different issues, 4 processes", updates),
  ];
}

export const taskFile: Group = { name: "task-file", measure: measureTaskFile };
export const taskFleet: Group = { name: "task-fleet", measure: measureFleet };
export const todo2Claims: Group = { name: "todo2-claims", measure: measureClaims };
export const jitIssues: Group = { name: "jit-issues", measure: measureJit };
