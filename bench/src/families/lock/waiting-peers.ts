/** What waiting costs: 1,000 callers of one process who all want in, and the processor time of a process that only waits. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { MissingHereError } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured, type MeasuredContender } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { Failures } from "../../measure/failures.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import {
  languages,
  ours,
  oursReading,
  oursSync,
  packages,
  present,
  type LockContender,
} from "./contenders.ts";

const callers = 1_000;

interface Crowd {
  readonly operations: number;
  readonly served: number;
  readonly cpuUs: number;
}

async function measureCallers(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const subject = `${callers} callers in one process`;
  const { contenders, skipped } = present(
    subject,
    [ours, ...packages.filter(({ kind }) => kind === "peer")],
    context.say,
  );
  const failures = new Failures(ours.name);
  let run = 0;
  const seconds = fleetSeconds / 2;
  const crowd = async (way: string): Promise<Crowd> => {
    const path = context.file(`crowd-${(run += 1)}`);
    const program = await nodeWorker("crowd.ts", [path, way, String(callers)]).ready();
    try {
      return await program.ask<Crowd>(String(seconds));
    } finally {
      program.kill(); // with callers that still wait
      await program.ended();
    }
  };
  const runs = await interleave(
    rounds,
    Object.fromEntries(
      contenders.map(({ name, way = "" }) => [name, () => failures.of(name, () => crowd(way))]),
    ),
  );
  const measured: Measured = {
    name: subject,
    durability: "none",
    metrics: [
      { name: "throughput", unit: "ops/s", better: "more", drawn: true },
      { name: "callers that got in", unit: "index", better: "more", drawn: true },
      { name: "processor time an operation", unit: "us", better: "less", drawn: false },
    ],
    contenders: contenders.map(({ name }) => {
      const all = (runs[name] ?? []).filter((each) => each !== undefined);
      return {
        name,
        faults: failures.faultsOf(name),
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
  return [...aheadRows(measured, "throughput", "callers that got in"), ...skipped];
}

/** What a waiter may take to come to where it waits. */
const settleMs = 300;

async function measureIdle(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const subject = "a process that waits for the lock";
  const all = [ours, oursSync, oursReading, ...packages, ...languages];
  const { contenders, skipped } = present(subject, all, context.say);
  if (!existsSync("/proc/self/schedstat"))
    throw new MissingHereError("the system does not tell the processor time of a thread in /proc");
  const waitMs = 2_000 / Math.min(shrink, 8);
  const failures = new Failures(ours.name, oursSync.name, oursReading.name);
  let run = 0;
  const idle = async ({ way, member }: LockContender): Promise<number> => {
    const path = context.file(`idle-${(run += 1)}`);
    // Programs in other languages wait for the same flock as ours; each package for what it takes itself.
    const holder = await nodeWorker("idle-waiter.ts", [path, holderOf(way), "hold"]).ready();
    await holder.ask(String(waitMs + 60_000));
    const waiter = way === undefined ? member([path, "0", "0", "60"]) : idleWaiter(path, way);
    await waiter.ready();
    waiter.tell(way === undefined ? "go" : String(waitMs + 60_000));
    await delay(settleMs);
    const [before, since] = [processorNs(waiter.pid), performance.now()];
    await delay(waitMs);
    const percent = (processorNs(waiter.pid) - before) / 1e4 / (performance.now() - since);
    for (const program of [waiter, holder]) program.kill();
    await Promise.all([waiter.ended(), holder.ended()]);
    return percent;
  };
  const runs = await interleave(
    rounds,
    Object.fromEntries(contenders.map((each) => [each.name, () => failures.of(each.name, () => idle(each))])),
  );
  const measured: Measured = {
    name: subject,
    durability: "none",
    metrics: [{ name: "processor time", unit: "%", better: "less", drawn: true }],
    contenders: contenders.map(({ name, kind }) => ({
      name,
      kind,
      faults: failures.faultsOf(name),
      figures: { "processor time": (runs[name] ?? []).filter((each) => each !== undefined) },
    })),
    disturbance: runs[disturbance],
  };
  context.show(measured);
  return [...idleRows(measured), ...skipped];
}

/** By difference: a bare binding that waits takes nothing, and nothing is no divisor. */
function idleRows({ name, durability, contenders, disturbance: others }: Measured): readonly Row[] {
  const timesOf = ({ figures }: MeasuredContender): readonly number[] => figures["processor time"] ?? [];
  const [own, ...rest] = contenders;
  if (own === undefined) return [];
  const kinds = [
    ["peer", "the best peer"],
    ["bare", "the best that promises less"],
  ] as const;
  return kinds.flatMap(([kind, whom]) => {
    const [best] = rest
      .filter((each) => each.kind === kind && (each.faults ?? []).length === 0)
      .toSorted((a, b) => median(timesOf(a)) - median(timesOf(b)));
    if (best === undefined) return [];
    return judge({
      name: `${name}: processor time, beside ${whom}`,
      durability,
      unit: "%",
      ours: timesOf(own),
      baseline: { name: best.name, values: timesOf(best) },
      goal: { compared: "ours - baseline", atMost: 0 },
      disturbance: others,
    });
  });
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
