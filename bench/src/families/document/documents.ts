/** Durable updates and cached reads of a 10 KB JSON document. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { whyMissing } from "../../measure/peers.ts";
import { judge, unmeasured, type Goal, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

const ways = [
  "ours",
  "sqlite",
  "write-file-atomic",
  "proper-lockfile + write-file-atomic",
  "raw calls",
  "better-sqlite3",
] as const;
const many = 64;

async function measureUpdates(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const why = whyMissing("better-sqlite3");
  const present = ways.filter((way) => way !== "better-sqlite3" || why === undefined);
  const programs = present.map((way, at) =>
    nodeWorker("document-update.ts", [context.file(`document-${at}`), way]),
  );
  const crowd = nodeWorker("document-update.ts", [context.file("document-crowd"), "ours", String(many)]);
  const all = [...programs, crowd];
  await Promise.all(all.map((program) => program.ready()));
  const slice = (way: (typeof ways)[number] | "crowd", count: number) => () =>
    (way === "crowd" ? crowd : (programs[present.indexOf(way)] ?? crowd)).ask<Cost>(
      String(Math.ceil(count / shrink)),
    );
  const contenders = {
    ours: slice("ours", 100),
    sqlite: slice("sqlite", 100),
    writeFileAtomic: slice("write-file-atomic", 60),
    stack: slice("proper-lockfile + write-file-atomic", 60),
    raw: slice("raw calls", 100),
    crowd: slice("crowd", 40),
    betterSqlite: slice(why === undefined ? "better-sqlite3" : "sqlite", 100),
  };
  await warmUp(1, contenders);
  const costs = await interleave(rounds * 3, contenders);
  await Promise.all(all.map((program) => program.end()));
  const wall = (name: keyof typeof contenders): number[] => costs[name].map(({ wallUs }) => wallUs);
  const row = (name: string, ours: number[], baseline: string, values: number[], goal: Goal): Row =>
    judge({ name, durability: "disk", unit: "us", ours, baseline: { name: baseline, values }, goal });
  const one = "durable update of a 10 KB document";
  return [
    row(one, wall("ours"), "SQLite WAL, synchronous=FULL", wall("sqlite"), {
      compared: "ours / baseline",
      atMost: 1.8,
    }),
    why === undefined
      ? row(one, wall("ours"), "better-sqlite3 WAL, synchronous=FULL", wall("betterSqlite"), {
          compared: "ours / baseline",
          atMost: 1.8,
        })
      : unmeasured(`${one}, beside better-sqlite3`, "skipped", why),
    row(
      one,
      wall("ours"),
      "read, write, fsync, rename, fsync of the directory, blocking, no lock",
      wall("raw"),
      {
        compared: "ours / baseline",
        atMost: 1.3,
      },
    ),
    row(one, wall("ours"), "read + write-file-atomic (no lock, no directory sync)", wall("writeFileAtomic"), {
      compared: "baseline / ours",
      atLeast: 2.1,
    }),
    row(one, wall("ours"), "proper-lockfile + write-file-atomic", wall("stack"), {
      compared: "baseline / ours",
      atLeast: 2.5,
    }),
    row(`${one}, ${many} callers`, wall("crowd"), "one at a time", wall("ours"), {
      compared: "baseline / ours",
      atLeast: 20,
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
