/** Machines and agents: cached reads, heartbeats that share commits, writes beside the least a write takes, and a mixed fleet. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gofrsBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost, lossOf } from "../../measure/failures.ts";
import { figure } from "../../measure/figure.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { startPrograms } from "../../measure/programs.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import type { Beats } from "./registry-worker.ts";

interface Latency {
  readonly p50Us: number;
}

const processes = 8;
const agents = 1_000;
/** Rounds of a hundred writes and more before those that count: a few hundred are not compiled. */
const warmUps = 10;

function worker(context: BenchContext, way: string, extra = "disk", name = `${way}-${extra}`): LineProgram {
  const directory = context.file(name);
  mkdirSync(directory, { recursive: true });
  return nodeWorker("../families/registry/registry-worker.ts", [way, directory, extra]);
}

async function measureGets(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const [get, stat] = await Promise.all([worker(context, "get").ready(), worker(context, "stat").ready()]);
  const ask = (program: LineProgram) => () => program.ask<Cost>(String(20_000 / shrink));
  const contenders = { get: ask(get), stat: ask(stat) };
  await warmUp(2, contenders);
  const costs = await interleave(rounds * 3, contenders);
  await Promise.all([get.end(), stat.end()]);
  return [
    judge({
      name: "cached get of a machine",
      durability: "none",
      unit: "us",
      ours: costs.get.map(({ cpuUs }) => cpuUs),
      baseline: { name: "one stat", values: costs.stat.map(({ cpuUs }) => cpuUs) },
      goal: { compared: "ours - baseline", atMost: 5 },
      note: "processor time of the whole process",
    }),
  ];
}

async function measureHeartbeats(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const program = await worker(context, "heartbeat").ready();
  const contenders = {
    together: () => program.ask<Beats>(String(agents)),
    alone: () => program.ask<Beats>("20"),
  };
  await warmUp(1, contenders);
  const costs = await interleave(rounds, contenders, hasLost);
  await program.end();
  return [
    judge({
      name: `heartbeats of ${agents} agents of one process, at once`,
      durability: "disk",
      unit: "us",
      ours: costs.together.map(({ wallUs }) => wallUs),
      baseline: { name: "one by one", values: costs.alone.map(({ wallUs }) => wallUs) },
      goal: { compared: "baseline / ours", atLeast: 30 },
      faults: lossOf(
        [...costs.together, ...costs.alone].reduce((sum, { lost }) => sum + lost, 0),
        "heartbeats",
      ),
    }),
  ];
}

/**
 * Two bases: system calls that block all of the process, and the same with the fsyncs where an event loop goes on meanwhile; and
 * the second beside the first, which is the limit of the first row.
 */
async function measureWrites(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const programs = await startPrograms(failures, {
    ours: () => worker(context, "write"),
    blocking: () => worker(context, "raw", "blocking"),
    elsewhere: () => worker(context, "raw", "elsewhere"),
  });
  const line = String(Math.ceil(100 / shrink));
  const contenders = {
    ours: programs.slice<Latency>("ours", line),
    blocking: programs.slice<Latency>("blocking", line),
    elsewhere: programs.slice<Latency>("elsewhere", line),
  };
  await warmUp(warmUps, contenders);
  const latencies = ended(await interleave(rounds, contenders));
  await programs.end();
  const p50 = (values: readonly Latency[]): readonly number[] => values.map(({ p50Us }) => p50Us);
  const measured = {
    name: "write of a machine, median latency",
    durability: "disk",
    unit: "us",
    ours: p50(latencies.ours),
    goal: { compared: "ours / baseline", atMost: 1.2 },
  } as const;
  const least = "lock, read, write, fsync, rename, fsync directory";
  const offThread = "the same, fsyncs off the thread";
  return [
    judge({
      ...measured,
      baseline: { name: least, values: p50(latencies.blocking) },
      ...failures.between("ours", "blocking"),
    }),
    judge({
      ...measured,
      baseline: { name: offThread, values: p50(latencies.elsewhere) },
      ...failures.between("ours", "elsewhere"),
    }),
    judge({
      ...measured,
      name: "the least of a write, fsyncs off the thread, median latency",
      ours: p50(latencies.elsewhere),
      baseline: { name: least, values: p50(latencies.blocking) },
      ...failures.between("elsewhere", "blocking"),
      isLine: true,
      note: "no code of ours: what is left of the goal for a write that does not stop its process",
    }),
  ];
}

/** Gas Town's own way does not sync: so does this one of ours. */
async function measureOriginal(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const directory = context.file("original");
  mkdirSync(directory);
  const failures = new Failures(context.say);
  const programs = await startPrograms(failures, {
    ours: () => worker(context, "write", "os"),
    theirs: () =>
      new LineProgram(pathOf(gofrsBaseline("gastown-registry.go")), [join(directory, "machines.json")]),
  });
  const line = String(Math.ceil(200 / shrink));
  const contenders = {
    ours: programs.slice<Latency>("ours", line),
    theirs: programs.slice<Latency>("theirs", line),
  };
  await warmUp(warmUps, contenders);
  const latencies = ended(await interleave(rounds, contenders));
  await programs.end();
  return originalRows(latencies, failures);
}

export function originalRows(
  latencies: Readonly<Record<"ours" | "theirs", readonly Latency[]>>,
  failures: Failures,
): readonly Row[] {
  const measured = {
    name: "write of a machine, median latency",
    durability: "os",
    unit: "us",
    ours: latencies.ours.map(({ p50Us }) => p50Us),
    ...failures.between("ours", "theirs"),
  } as const;
  return [
    judge({
      ...measured,
      goal: { compared: "ours", atMost: 1_000 },
      note: "published for the original: 1 to 2 ms",
    }),
    judge({
      ...measured,
      baseline: { name: "Gas Town's protocol in Go", values: latencies.theirs.map(({ p50Us }) => p50Us) },
      goal: { compared: "ours / baseline", atMost: 1 },
    }),
  ];
}

async function measureFleet(context: BenchContext): Promise<readonly Row[]> {
  const { shrink } = durations(context);
  const each = 4 * Math.ceil(250 / shrink);
  const names = Array.from({ length: processes }, (_, at) => `p${at}`);
  const programs = await Promise.all(names.map((name) => worker(context, "mixed", name, "mixed").ready()));
  const costs = await Promise.all(programs.map((program) => program.ask<Cost>(String(each))));
  await Promise.all(programs.map((program) => program.end()));
  const text = readFileSync(join(context.file("mixed"), "machines.json"), "utf8");
  const { machines } = JSON.parse(text) as { machines: Record<string, { host?: string }> };
  const kept = names.flatMap((name) => Array.from({ length: each / 4 }, (_, at) => `${name}-${at}-kept`));
  const lost =
    kept.filter((name) => machines[name]?.host !== `updated ${name}`).length +
    Object.keys(machines).filter((name) => name.endsWith("-gone")).length;
  const slowestUs = Math.max(...costs.map(({ wallUs }) => wallUs));
  return [
    judge({
      name: `${processes} processes, ${each} mixed writes each: lost`,
      durability: "disk",
      unit: "index",
      ours: [lost],
      goal: { compared: "ours", atMost: 0 },
      faults: lossOf(lost, "writes"),
      note: `of adds, updates and removes; ${figure((processes * 1_000_000) / slowestUs)} of them a second`,
    }),
  ];
}

export const gets: Group = { name: "gets", measure: measureGets };
export const heartbeats: Group = { name: "heartbeats", measure: measureHeartbeats };
export const writes: Group = { name: "writes", measure: measureWrites };
export const original: Group = { name: "original", measure: measureOriginal };
export const mixedWrites: Group = { name: "mixed writes", measure: measureFleet };
