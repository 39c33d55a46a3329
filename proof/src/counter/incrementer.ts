/**
 * Program: adds 1 to a counter file, again and again. Arguments: how, file, times. Runs in worker threads too, then with as many
 * callers at once as its task says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";
import {
  LockReentryError,
  updateJson,
  withWriteLock,
  withWriteLockSync,
  type FileLock,
} from "../harness/core.ts";
import { enterAlone } from "../harness/witness.ts";

export interface IncrementerTask {
  readonly how: string;
  readonly path: string;
  readonly times: number;
  readonly callers: number;
}

function addOne(path: string): void {
  const leave = enterAlone(`${path}.witness`);
  writeFileSync(path, String(Number(readFileSync(path, "utf8")) + 1));
  leave();
}

const ways: Readonly<Record<string, (path: string) => unknown>> = {
  async: (path) => withWriteLock(path, () => addOne(path), { timeoutMs: Infinity }),
  awaiting: (path) =>
    withWriteLock(path, async (_lock: FileLock) => addOne(await Promise.resolve(path)), {
      timeoutMs: Infinity,
    }),
  sync: (path) => withWriteLockSync(path, () => addOne(path), { timeoutMs: Infinity }),
  either: (path) => {
    try {
      return ways["sync"]?.(path);
    } catch (error) {
      // Another caller of this thread holds it: blocking would never end, so the call was refused at once.
      if (!(error instanceof LockReentryError)) throw error;
      return ways["async"]?.(path);
    }
  },
  lease: (path) =>
    withWriteLock(path, () => addOne(path), { timeoutMs: Infinity, backend: "proper-lockfile" }),
  unlocked: addOne,
  update: (path) =>
    updateJson<{ count: number }>(path, (draft) => void (draft.count += 1), { timeoutMs: Infinity }),
};

const { how, path, times, callers } = isMainThread
  ? { how: process.argv[2] ?? "", path: process.argv[3] ?? "", times: Number(process.argv[4]), callers: 1 }
  : (workerData as IncrementerTask);
const names = how.split("+");

async function increment(): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    const way = ways[names[done % names.length] ?? ""];
    if (way === undefined) throw new RangeError(`no way to increment is called ${how}`);
    await way(path);
  }
}

await Promise.all(Array.from({ length: callers }, increment));
