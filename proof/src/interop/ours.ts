/**
 * Program: the neighbours' part, played by Flockwork. hold|wait|try ex|sh DATA, where wait says "asking" first; count|append|map DATA FILE TIMES [NAME]; alone DATA TIMES.
 * `PROOF_LAYOUT`, `PROOF_BACKEND` and `PROOF_WAY` (async, sync or threads) say how it locks.
 */
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { acquireLock, acquireLockSync, tryAcquireLock, withWriteLock } from "../harness/core.ts";
import { enterAlone } from "../harness/witness.ts";
import { lockOptions, repeat } from "./ours-updates.ts";

const [verb = "", ...rest] = process.argv.slice(2);
const waiting = { ...lockOptions, timeoutMs: Infinity };

async function inThreads(): Promise<number> {
  const worst = [0, 1].map(async (index) => {
    const [data = "", file = "", times = "0", name = ""] = rest;
    const share = Math.floor((Number(times) + index) / 2);
    const task = { verb, data, file, times: share, name };
    const worker = new Worker(new URL("ours-thread.ts", import.meta.url), { workerData: task });
    const [waitedMs] = (await once(worker, "message")) as [number];
    return waitedMs;
  });
  return Math.max(...(await Promise.all(worst)));
}

async function hold(mode: "exclusive" | "shared", data: string): Promise<void> {
  const giveBack = await take(mode, data);
  console.log("held");
  const input = createInterface({ input: process.stdin });
  await new Promise((resolve) => input.once("line", resolve).once("close", resolve));
  await giveBack();
  console.log("released");
  input.close();
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
  for (let done = 0; done < Number(times); done += 1) {
    await withWriteLock(data, () => enterAlone(`${data}.witness`)(), waiting);
  }
} else {
  const [data = "", file = "", times = "0", name = ""] = rest;
  const way = process.env["PROOF_WAY"];
  const worstMs =
    way === "threads"
      ? await inThreads()
      : await repeat({ verb, data, file, times: Number(times), name }, way === "sync");
  console.log(`worst ${worstMs.toFixed(1)}`);
}
