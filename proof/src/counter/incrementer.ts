/** Program: adds 1 to a counter file, again and again. Arguments: how, file, times. Runs in worker threads too. */
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";
import { updateJson, withWriteLock, withWriteLockSync, type FileLock } from "../harness/core.ts";
import { enterAlone } from "../harness/witness.ts";

export interface IncrementerTask {
  readonly how: string;
  readonly path: string;
  readonly times: number;
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
  lease: (path) =>
    withWriteLock(path, () => addOne(path), { timeoutMs: Infinity, backend: "proper-lockfile" }),
  unlocked: addOne,
  update: (path) =>
    updateJson<{ count: number }>(path, (draft) => void (draft.count += 1), { timeoutMs: Infinity }),
};

const { how, path, times } = isMainThread
  ? { how: process.argv[2] ?? "", path: process.argv[3] ?? "", times: Number(process.argv[4]) }
  : (workerData as IncrementerTask);
const names = how.split("+");
for (let done = 0; done < times; done += 1) {
  const way = ways[names[done % names.length] ?? ""];
  if (way === undefined) throw new RangeError(`no way to increment is called ${how}`);
  await way(path);
}
