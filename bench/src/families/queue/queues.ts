/** Jobs per second, the time from enqueue to start, and what a job costs in a long queue. */
import { fileStore, systemClock } from "@flockwork/core";
import { openQueue } from "@flockwork/queue";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost, lossOf, type Between } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { percentile } from "../../measure/statistics.ts";
import type { Cost } from "../../workers/line-server.ts";
import { startFleet } from "./start-fleet.ts";

export interface FleetFigure {
  readonly perSecond: number;
  /** Jobs that were acknowledged and are not in the queue as completed. */
  readonly lost: number;
}

export interface FleetPlan {
  readonly processes: number;
  readonly callers: number;
  readonly durability: "disk" | "os";
  readonly seconds: number;
}

/** Enqueues, claims and completes for so long. */
export async function runFleet(path: string, way: string, plan: FleetPlan): Promise<FleetFigure> {
  const args = [path, way, plan.durability, String(plan.callers)];
  const programs = await startFleet(args, plan.processes);
  try {
    const answers = await Promise.all(
      programs.map((program) => program.ask<{ jobs: number; inTime: number }>(`for ${plan.seconds}`)),
    );
    const completed = await programs[0]?.ask<{ completed: number }>("completed");
    await Promise.all(programs.map((program) => program.end()));
    const sum = (key: "jobs" | "inTime"): number => answers.reduce((all, each) => all + each[key], 0);
    return { perSecond: sum("inTime") / plan.seconds, lost: sum("jobs") - (completed?.completed ?? 0) };
  } finally {
    for (const program of programs) program.kill(); // where one failed
  }
}

type Way = "ours" | "sqlite";

/** Jobs per second of ours beside SQLite, and what broke or was lost. */
interface Fleets {
  readonly ours: readonly number[];
  readonly sqlite: readonly number[];
  readonly between: Between;
}

async function compareFleets(context: BenchContext, name: string, plan: FleetPlan): Promise<Fleets> {
  let run = 0;
  const failures = new Failures(context.say);
  const contender = (way: Way) => () => runFleet(context.file(`${name}-${way}-${(run += 1)}`), way, plan);
  const contenders = failures.guard({ ours: contender("ours"), sqlite: contender("sqlite") });
  const { ours, sqlite } = ended(await interleave(durations(context).rounds, contenders, hasLost));
  const between = failures.between("ours", "sqlite");
  return {
    ours: ours.map(({ perSecond }) => perSecond),
    sqlite: sqlite.map(({ perSecond }) => perSecond),
    between: {
      ...between,
      faults: [...between.faults, ...lostIn(ours)],
      baselineFaults: [...between.baselineFaults, ...lostIn(sqlite)],
    },
  };
}

const lostIn = (figures: readonly FleetFigure[]): readonly string[] =>
  lossOf(
    figures.reduce((sum, { lost }) => sum + Math.abs(lost), 0),
    "jobs",
  );

async function measureProcesses(context: BenchContext): Promise<readonly Row[]> {
  const plan: FleetPlan = {
    processes: 4,
    callers: 64,
    durability: "os",
    seconds: durations(context).fleetSeconds,
  };
  const { ours, sqlite, between } = await compareFleets(context, "processes", plan);
  const common = {
    name: "enqueue, claim, complete: 4 processes of 64 callers",
    durability: "os",
    unit: "ops/s",
    ours,
    ...between,
  } as const;
  const baseline = { name: "SQLite WAL, synchronous=NORMAL", values: sqlite };
  return [
    judge({ ...common, goal: { compared: "ours", atLeast: 15_000 } }),
    judge({
      ...common,
      baseline,
      goal: { compared: "ours / baseline", atLeast: 1.5 },
    }),
  ];
}

async function measureCallers(context: BenchContext): Promise<readonly Row[]> {
  const plan: FleetPlan = {
    processes: 1,
    callers: 64,
    durability: "disk",
    seconds: durations(context).fleetSeconds,
  };
  const { ours, sqlite, between } = await compareFleets(context, "callers", plan);
  return [
    judge({
      name: "enqueue, claim, complete: 64 callers",
      durability: "disk",
      unit: "ops/s",
      ours,
      baseline: { name: "SQLite WAL, synchronous=FULL", values: sqlite },
      goal: { compared: "ours / baseline", atLeast: 3 },
      ...between,
    }),
  ];
}

async function measureLatency(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const directory = context.file("latency");
  const worker = await nodeWorker("queue-starts.ts", [directory]).ready();
  const queue = openQueue<number>(fileStore(directory), { durability: "os" });
  const startOf = async (payload: number): Promise<number> => {
    const sentMs = systemClock.monotonic();
    await queue.enqueue(payload);
    const started = JSON.parse(await worker.nextLine()) as { payload: number; atMs: number };
    if (started.payload !== payload) throw new Error("another job started");
    await new Promise((resolve) => setTimeout(resolve, 10)); // so that the worker is idle again
    return started.atMs - sentMs;
  };
  const waits: number[][] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const ofRound: number[] = [];
    for (let at = 0; at < Math.ceil(100 / shrink); at += 1) ofRound.push(await startOf(at));
    if (round > 0) waits.push(ofRound);
  }
  await queue.close();
  await worker.end();
  const row = (share: number, atMost: number): Row =>
    judge({
      name: `from enqueue to start in an idle process: p${share * 100}`,
      durability: "os",
      unit: "ms",
      ours: waits.map((ofRound) => percentile(ofRound, share)),
      goal: { compared: "ours", atMost },
    });
  return [row(0.5, 5), row(0.99, 20)];
}

/** Processor time per job: what the clock shows is the neighbours'. */
async function measureLength(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const prepare = async (name: string, order?: string) => {
    const program = await nodeWorker("queue-jobs.ts", [context.file(name), "ours", "os", "64"]).ready();
    if (order !== undefined) await program.ask(order);
    return program;
  };
  const long = Math.ceil(1_000_000 / shrink);
  const [empty, short, million, delayed] = await Promise.all([
    prepare("empty"),
    prepare("short", "waiting 1000"),
    prepare("million", `waiting ${long}`),
    prepare("delayed", `delayed ${Math.ceil(100_000 / shrink)}`),
  ]);
  const slice = (program: typeof short) => () => program.ask<Cost>(`jobs ${Math.ceil(10_000 / shrink)}`);
  const contenders = {
    empty: slice(empty),
    short: slice(short),
    million: slice(million),
    delayed: slice(delayed),
  };
  await warmUp(1, contenders);
  const costs = await interleave(rounds, contenders);
  await Promise.all([empty, short, million, delayed].map((program) => program.end()));
  const cpu = (name: keyof typeof contenders): number[] => costs[name].map(({ cpuUs }) => cpuUs);
  const row = (name: string, ours: number[], base: string, values: number[], atMost: number): Row =>
    judge({
      name,
      durability: "os",
      unit: "us",
      ours,
      baseline: { name: base, values },
      goal: { compared: "ours / baseline", atMost },
      note: "processor time of the whole process",
    });
  return [
    row(
      `a job in a queue of ${long.toLocaleString("en")}`,
      cpu("million"),
      "of 1000 jobs",
      cpu("short"),
      1.5,
    ),
    row("a job beside 100,000 delayed ones", cpu("delayed"), "in an empty queue", cpu("empty"), 1.2),
  ];
}

export const jobProcesses: Group = { name: "job processes", measure: measureProcesses };
export const jobCallers: Group = { name: "job callers", measure: measureCallers };
export const jobStarts: Group = { name: "job starts", measure: measureLatency };
export const jobLengths: Group = { name: "job lengths", measure: measureLength };
