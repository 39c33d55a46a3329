/**
 * Program: the neighbours' part, played by Flockwork. hold|wait|try ex|sh DATA, where wait says "asking" first; count|append|map DATA FILE TIMES [NAME]
 * and alone DATA TIMES, which say "ready" and wait to be told.
 * `PROOF_LAYOUT`, `PROOF_BACKEND` and `PROOF_WAY` (async, sync or threads) say how it locks.
 */
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { setImmediate as stay } from "node:timers/promises";
import { acquireLock, acquireLockSync, tryAcquireLock, withWriteLock } from "../harness/core.ts";
import { enterAlone } from "../harness/witness.ts";
import { lockOptions, repeat, type Repeated, type UpdateTask } from "./ours-updates.ts";
import { told } from "./together.ts";

const [verb = "", ...rest] = process.argv.slice(2);
const waiting = { ...lockOptions, timeoutMs: Infinity };

/** Two workers that are ready, and what begins their work. */
async function threads(task: UpdateTask): Promise<() => Promise<Repeated>> {
  const workers = [0, 1].map((index) => {
    const workerData = { ...task, times: Math.floor((task.times + index) / 2) };
    return new Worker(new URL("ours-thread.ts", import.meta.url), { workerData });
  });
  await Promise.all(workers.map((worker) => once(worker, "message")));
  return async () => {
    const answers = workers.map(async (worker) => {
      worker.postMessage("go");
      return (await once(worker, "message"))[0] as Repeated;
    });
    const all = await Promise.all(answers);
    return {
      worstMs: Math.max(...all.map(({ worstMs }) => worstMs)),
      met: all.reduce((sum, { met }) => sum + met, 0),
    };
  };
}

async function hold(mode: "exclusive" | "shared", data: string): Promise<void> {
  const giveBack = await take(mode, data);
  console.log("held");
  await told();
  await giveBack();
  console.log("released");
}

/** Takes the lock the way that is asked for. What gives it back. */
async function take(mode: "exclusive" | "shared", data: string): Promise<() => unknown> {
  const way = process.env["PROOF_WAY"];
  if (way === "threads") {
    const worker = new Worker(new URL("ours-holder.ts", import.meta.url), { workerData: { mode, data } });
    await once(worker, "message");
    return async () => {
      worker.postMessage("release");
      await once(worker, "exit");
    };
  }
  const lock = way === "sync" ? acquireLockSync(data, mode, waiting) : await acquireLock(data, mode, waiting);
  return () => (way === "sync" ? lock.releaseSync() : lock.release());
}

if (verb === "hold" || verb === "wait" || verb === "try") {
  const [mode, data = ""] = rest;
  const lockMode = mode === "ex" ? "exclusive" : "shared";
  if (verb === "wait") console.log("asking");
  if (verb !== "try") await hold(lockMode, data);
  else {
    const lock = await tryAcquireLock(data, lockMode, lockOptions);
    console.log(lock === undefined ? "busy" : "granted");
    await lock?.release();
  }
} else if (verb === "alone") {
  const [data = "", times = "0"] = rest;
  console.log("ready");
  await told();
  for (let done = 0; done < Number(times); done += 1) {
    await withWriteLock(
      data,
      async () => {
        const leave = enterAlone(`${data}.witness`);
        await stay();
        leave();
      },
      waiting,
    );
  }
} else {
  const [data = "", file = "", times = "0", name = ""] = rest;
  const task = { verb, data, file, times: Number(times), name };
  const way = process.env["PROOF_WAY"];
  const begin = way === "threads" ? await threads(task) : () => repeat(task, way === "sync");
  console.log("ready");
  await told();
  const { worstMs, met } = await begin();
  console.log(`worst ${worstMs.toFixed(1)} met ${met}`);
}
