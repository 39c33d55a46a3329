/** What waiting costs: 1,000 callers of one process who all want in, and the processor time of a process that only waits. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { MissingHereError } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, besideBest, type Measured } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import { requirePeers } from "../../measure/peers.ts";
import type { Row } from "../../measure/row.ts";
import { languages, ours, oursReading, oursSync, packages, type LockContender } from "./contenders.ts";

const callers = 1_000;

interface Crowd {
  readonly operations: number;
  readonly served: number;
  readonly cpuUs: number;
}

async function measureCallers(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const contenders = [ours, ...packages.filter(({ kind }) => kind === "peer")];
  const failures = new Failures(context.say);
  let run = 0;
  const seconds = fleetSeconds / 2;
  const crowd = async ({ way = "", peers }: LockContender): Promise<Crowd> => {
    requirePeers(...peers);
    const path = context.file(`crowd-${(run += 1)}`);
    const program = nodeWorker("crowd.ts", [path, way, String(callers)]);
    try {
      return await (await program.ready()).ask<Crowd>(String(seconds));
    } finally {
      await killed(program); // with callers that still wait
    }
  };
  const crowds = Object.fromEntries(contenders.map((each) => [each.name, () => crowd(each)]));
  const runs = ended(await interleave(rounds, failures.guard(crowds)));
  const measured: Measured = {
    name: `${callers} callers in one process`,
    durability: "none",
    metrics: [
      { name: "throughput", unit: "ops/s", better: "more", drawn: true },
      { name: "callers that got in", unit: "index", better: "more", drawn: true },
      { name: "processor time an operation", unit: "us", better: "less", drawn: false },
    ],
    contenders: contenders.map(({ name }) => {
      const all = runs[name] ?? [];
      return {
        name,
        faults: failures.faultsOf(name),
        missing: failures.missingOf(name),
        figures: {
          throughput: all.map(({ operations }) => operations / seconds),
          "callers that got in": all.map(({ served }) => served),
          "processor time an operation": all.map(({ cpuUs, operations }) => cpuUs / Math.max(operations, 1)),
        },
      };
    }),
    disturbance: runs[disturbance],
  };
  context.show(measured);
  return aheadRows(measured, "throughput", "callers that got in");
}

/** What a waiter may take to come to where it waits. */
const settleMs = 300;

async function measureIdle(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const contenders = [ours, oursSync, oursReading, ...packages, ...languages];
  const waitMs = 2_000 / Math.min(shrink, 8);
  const failures = new Failures(context.say);
  let run = 0;
  const idle = (each: LockContender): Promise<number> =>
    idlePercent(context.file(`idle-${(run += 1)}`), each, waitMs);
  const waits = Object.fromEntries(contenders.map((each) => [each.name, () => idle(each)]));
  const runs = ended(await interleave(rounds, failures.guard(waits)));
  const measured: Measured = {
    name: "a process that waits for the lock",
    durability: "none",
    metrics: [{ name: "processor time", unit: "%", better: "less", drawn: true }],
    contenders: contenders.map(({ name, kind, note }) => ({
      name,
      kind,
      note,
      faults: failures.faultsOf(name),
      missing: failures.missingOf(name),
      figures: { "processor time": runs[name] ?? [] },
    })),
    disturbance: runs[disturbance],
  };
  context.show(measured);
  return idleRows(measured);
}

async function idlePercent(path: string, { way, peers, member }: LockContender, ms: number): Promise<number> {
  requirePeers(...peers);
  requireThreadTimes();
  // Programs in other languages wait for the same flock as ours; each package for what it takes itself.
  const holder = nodeWorker("idle-waiter.ts", [path, holderOf(way), "hold"]);
  try {
    await (await holder.ready()).ask(String(ms + 60_000));
    const waiter = way === undefined ? member([path, "0", "0", "60"]) : idleWaiter(path, way);
    try {
      await waiter.ready();
      waiter.tell(way === undefined ? "go" : String(ms + 60_000));
      await delay(settleMs);
      const [before, since] = [processorNs(waiter.pid), performance.now()];
      await delay(ms);
      return (processorNs(waiter.pid) - before) / 1e4 / (performance.now() - since);
    } finally {
      await killed(waiter);
    }
  } finally {
    await killed(holder);
  }
}

async function killed(program: LineProgram): Promise<void> {
  program.kill();
  await program.ended();
}

/** By difference: a bare binding that waits takes nothing, and nothing is no divisor. */
export function idleRows(measured: Measured): readonly Row[] {
  const goal = { compared: "ours - baseline", atMost: 0 } as const;
  const name = `${measured.name}: processor time`;
  return [
    besideBest(measured, "processor time", "peer", { name: `${name}, beside the best peer`, goal }),
    besideBest(measured, "processor time", "bare", {
      name: `${name}, beside the best that promises less`,
      goal,
    }),
  ];
}

/** @throws {MissingHereError} the system does not tell them. */
function requireThreadTimes(): void {
  if (!existsSync("/proc/self/schedstat"))
    throw new MissingHereError("the system does not tell the processor time of a thread in /proc");
}

const idleWaiter = (path: string, way: string): LineProgram =>
  nodeWorker("idle-waiter.ts", [path, way, "wait"]);

/** A reader waits for a writer. */
const holderOf = (way = "ours"): string => (way === "ours, read" || way === "ours, sync" ? "ours" : way);

/** Of all threads of a process, asked from outside: one that its own lock blocks cannot answer. */
function processorNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return sum;
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  return [...(await measureCallers(context)), ...(await measureIdle(context))];
}

export const waitingPeers: Group = { name: "peers: waiting", measure };
