/** Durable updates and cached reads of a 10 KB JSON document. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { requirePeers } from "../../measure/peers.ts";
import { startPrograms } from "../../measure/programs.ts";
import { judge, type Goal, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

const many = 64;
const half = "file synced, its name not";

/** What a durable update is held against. */
const baselines = {
  sqlite: { name: "SQLite WAL, synchronous=FULL", way: "sqlite", peers: [] },
  betterSqlite: {
    name: "better-sqlite3 WAL, synchronous=FULL",
    way: "better-sqlite3",
    peers: ["better-sqlite3"],
  },
  raw: {
    name: "read, write, fsync, rename, fsync of the directory, blocking, no lock",
    way: "raw calls",
    peers: [],
  },
  writeFileAtomic: {
    name: "read + write-file-atomic (no lock, no directory sync)",
    way: "write-file-atomic",
    peers: ["write-file-atomic"],
    durability: half,
  },
  stack: {
    name: "proper-lockfile + write-file-atomic",
    way: "proper-lockfile + write-file-atomic",
    peers: ["proper-lockfile", "write-file-atomic"],
    durability: half,
  },
} as const;
type Baseline = keyof typeof baselines;
type Contender = Baseline | "ours" | "crowd";

async function measureUpdates(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const start = (who: Contender, way: string, ...callers: readonly string[]): LineProgram =>
    nodeWorker("document-update.ts", [context.file(`document-${who}`), way, ...callers]);
  const besides = (who: Baseline) => (): LineProgram => {
    requirePeers(...baselines[who].peers);
    return start(who, baselines[who].way);
  };
  const programs = await startPrograms(failures, {
    ours: () => start("ours", "ours"),
    sqlite: besides("sqlite"),
    writeFileAtomic: besides("writeFileAtomic"),
    stack: besides("stack"),
    raw: besides("raw"),
    crowd: () => start("crowd", "ours", String(many)),
    betterSqlite: besides("betterSqlite"),
  });
  const slice = (who: Contender, count: number) =>
    programs.slice<Cost>(who, String(Math.ceil(count / shrink)));
  const contenders = {
    ours: slice("ours", 100),
    sqlite: slice("sqlite", 100),
    writeFileAtomic: slice("writeFileAtomic", 60),
    stack: slice("stack", 60),
    raw: slice("raw", 100),
    crowd: slice("crowd", 40),
    betterSqlite: slice("betterSqlite", 100),
  };
  await warmUp(10, contenders); // compiled by now
  const costs = ended(await interleave(rounds * 3, contenders));
  await programs.end();
  return updateRows(costs, failures);
}

export function updateRows(
  costs: Readonly<Record<Contender, readonly Cost[]>>,
  failures: Failures,
): readonly Row[] {
  const wall = (who: Contender): number[] => costs[who].map(({ wallUs }) => wallUs);
  const one = { name: "durable update of a 10 KB document", durability: "disk", unit: "us" } as const;
  const beside = (who: Baseline, goal: Goal): Row =>
    judge({
      ...one,
      ours: wall("ours"),
      baseline: { durability: undefined, ...baselines[who], values: wall(who) },
      goal,
      ...failures.between("ours", who),
    });
  return [
    beside("sqlite", { compared: "ours / baseline", atMost: 1.8 }),
    beside("betterSqlite", { compared: "ours / baseline", atMost: 1.8 }),
    beside("raw", { compared: "ours / baseline", atMost: 1.3 }),
    beside("writeFileAtomic", { compared: "baseline / ours", atLeast: 2.1 }),
    beside("stack", { compared: "baseline / ours", atLeast: 2.5 }),
    judge({
      ...one,
      name: `${one.name}, ${many} callers`,
      ours: wall("crowd"),
      baseline: { name: "one at a time", values: wall("ours") },
      goal: { compared: "baseline / ours", atLeast: 20 },
      ...failures.between("crowd", "ours"),
    }),
  ];
}

async function measureReads(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const [ours, parse] = await Promise.all([
    nodeWorker("document-read.ts", [context.file("read-ours"), "ours"]).ready(),
    nodeWorker("document-read.ts", [context.file("read-parse"), "parse"]).ready(),
  ]);
  const contenders = {
    ours: () => ours.ask<Cost>(String(20_000 / shrink)),
    parse: () => parse.ask<Cost>(String(1000 / shrink)),
  };
  await warmUp(2, contenders);
  const costs = await interleave(rounds * 5, contenders);
  await Promise.all([ours.end(), parse.end()]);
  const cpu = (name: "ours" | "parse"): number[] => costs[name].map(({ cpuUs }) => cpuUs);
  const base = {
    name: "cached read of a 10 KB document",
    durability: "none",
    unit: "us",
    ours: cpu("ours"),
    note: "processor time of the whole process",
  } as const;
  return [
    judge({ ...base, goal: { compared: "ours", atMost: 3 } }),
    judge({
      ...base,
      baseline: { name: "readFileSync + JSON.parse", values: cpu("parse") },
      goal: { compared: "baseline / ours", atLeast: 25 },
    }),
  ];
}

export const updates: Group = { name: "updates", measure: measureUpdates };
export const reads: Group = { name: "reads", measure: measureReads };
