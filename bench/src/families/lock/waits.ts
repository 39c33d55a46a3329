/** What waiting costs, and how it ends: by abort, by the holder's death, by the waiter's own exit. */
import { setTimeout as delay } from "node:timers/promises";
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { queued } from "../../measure/kernel-queue.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { largest, percentile } from "../../measure/statistics.ts";

/** A C program that holds the lock of the file. */
function holder(path: string): Promise<LineProgram> {
  return new LineProgram(pathOf(cBaseline("hold")), [`${path}.lock`]).ready();
}

async function abortLatencies(path: string, count: number): Promise<{ p99Ms: number; ghost: boolean }> {
  const [held, waiter] = await Promise.all([holder(path), nodeWorker("waiter.ts", [path]).ready()]);
  const { latenciesMs } = await waiter.ask<{ latenciesMs: number[] }>(`abort ${count}`);
  await held.ask("release");
  const next = new LineProgram(pathOf(cBaseline("hold")), [`${path}.lock`]);
  const ghost = (await Promise.race([next.ready(), delay(2000, "ghost", { ref: false })])) === "ghost";
  waiter.kill();
  await Promise.all([held.end(), next.end(), waiter.ended()]);
  return { p99Ms: percentile(latenciesMs, 0.99), ghost };
}

/** Milliseconds from the SIGKILL of a holder until our waiter is in, or until one written in C is. */
async function handOver(path: string, held: LineProgram, inC: boolean): Promise<number> {
  const waiter = inC
    ? new LineProgram(pathOf(cBaseline("hold")), [`${path}.lock`])
    : await nodeWorker("waiter.ts", [path]).ready();
  const entered = inC ? waiter.ready() : waiter.ask<{ enteredAtNs: string }>("wait");
  await queued(waiter.pid);
  const killedAt = process.hrtime.bigint();
  held.kill();
  const answer = await entered;
  const enteredAt = "enteredAtNs" in answer ? BigInt(answer.enteredAtNs) : process.hrtime.bigint();
  await Promise.all([held.ended(), waiter.end()]);
  return Number(enteredAt - killedAt) / 1e6;
}

async function afterNode(path: string, inC: boolean): Promise<number> {
  return handOver(path, await nodeWorker("holder.ts", [path]).ready(), inC);
}

async function exitTime(path: string, waiting: boolean): Promise<number> {
  const held = await holder(path);
  const waiter = await nodeWorker("waiter.ts", [path]).ready();
  await waiter.ask(waiting ? "queue" : "idle 1");
  if (waiting) await queued(waiter.pid);
  const since = performance.now();
  waiter.tell("exit");
  await waiter.ended();
  const took = performance.now() - since;
  await held.end();
  return took;
}

async function idlePercent(path: string, ms: number): Promise<number> {
  const [held, waiter] = await Promise.all([holder(path), nodeWorker("waiter.ts", [path]).ready()]);
  const { percent } = await waiter.ask<{ percent: number }>(`idle ${ms}`);
  waiter.kill();
  await Promise.all([held.end(), waiter.ended()]);
  return percent;
}

async function endTime(path: string, callers: number): Promise<number> {
  const program = await nodeWorker("natural-end.ts", [path, String(callers)]).ready();
  const since = performance.now();
  await program.ended();
  return performance.now() - since;
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  let run = 0;
  const path = (): string => context.file(`waits-${(run += 1)}`);
  context.say("aborts, crashes, exits");
  const { aborts } = await interleave(rounds, {
    aborts: () => abortLatencies(path(), Math.ceil(300 / shrink)),
  });
  const times = await interleave(rounds * 2, {
    crash: async () => {
      const at = path();
      return handOver(at, await holder(at), false);
    },
    nodeCrash: () => afterNode(path(), false),
    nodeCrashToC: () => afterNode(path(), true),
    exitWaiting: () => exitTime(path(), true),
    exitIdle: () => exitTime(path(), false),
    endQueued: () => endTime(path(), 2),
    endAlone: () => endTime(path(), 1),
    idle: () => idlePercent(path(), 1000 / Math.min(shrink, 4)),
  });
  const ghosts = aborts.filter(({ ghost }) => ghost).length;
  const base = { durability: "none", unit: "ms" } as const;
  return [
    judge({
      ...base,
      name: "abort while waiting: p99",
      ours: aborts.map(({ p99Ms }) => p99Ms),
      goal: { compared: "ours", atMost: 1 },
      faults: ghosts === 0 ? [] : [`${ghosts} abandoned waits held the lock later`],
    }),
    judge({
      ...base,
      name: "SIGKILL of a C holder until the waiter is in",
      ours: times.crash,
      goal: { compared: "ours", atMost: 5 },
      note: `worst ${largest(times.crash).toFixed(1)} ms`,
    }),
    judge({
      ...base,
      name: "SIGKILL of a Node holder until the waiter is in",
      ours: times.nodeCrash,
      baseline: { name: "a C waiter", values: times.nodeCrashToC },
      goal: { compared: "ours - baseline", atMost: 5 },
      note: "the kernel takes milliseconds to dismantle a Node process before it lets go of its locks",
    }),
    judge({
      ...base,
      name: "process.exit while waiting",
      ours: times.exitWaiting,
      baseline: { name: "not waiting", values: times.exitIdle },
      goal: { compared: "ours - baseline", atMost: 10 },
    }),
    judge({
      ...base,
      name: "end of a process whose callers queued",
      ours: times.endQueued,
      baseline: { name: "one caller", values: times.endAlone },
      goal: { compared: "ours - baseline", atMost: 10 },
    }),
    judge({
      ...base,
      name: "processor time of a waiter",
      unit: "%",
      ours: times.idle,
      goal: { compared: "ours", atMost: 1 },
    }),
  ];
}

export const waits: Group = { name: "waits", measure };
