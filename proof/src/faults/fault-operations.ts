import { equal } from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { loadBinding } from "@flockwork/flock";
import { crashOperations } from "../crash/operations.ts";
import { tryAcquireLock, withReadLockSync } from "../harness/core.ts";
import type { FaultOperation } from "./fault-operation.ts";

const quick = { timeoutMs: 300 };

/** What is killed at every call is also failed at every call, but for what begins with a crash; and a few more. */
export const faultOperations: readonly FaultOperation[] = [
  ...crashOperations
    .filter(({ name, interrupted }) => !name.includes("2 MiB") && interrupted === undefined)
    .map((operation) => (operation.recover === undefined ? operation : { ...operation, commit: operation })),
  {
    name: "tryAcquireLock, release",
    files: ["data"],
    content: () => "data\n",
    run: async (directory) => (await tryAcquireLock(join(directory, "data"), "exclusive", quick))?.release(),
  },
  {
    name: "withReadLockSync",
    files: ["data"],
    content: () => "data\n",
    run: (directory) => withReadLockSync(join(directory, "data"), () => undefined, quick),
  },
  {
    name: "tryAcquireLock todo2, beside a program's fcntl lock",
    files: ["data"],
    content: () => "data\n",
    run: (directory) => besideFcntlLock(join(directory, "data")),
  },
];

/** The flock is granted, the fcntl lock is not, and so the flock is given back. */
async function besideFcntlLock(path: string): Promise<void> {
  const fd = openSync(`${path}.lock`, "a+");
  try {
    equal(loadBinding().ofd?.tryLock(fd, "exclusive"), true, "no fcntl lock can be taken");
    equal(await tryAcquireLock(path, "exclusive", { ...quick, layout: "todo2" }), undefined);
  } finally {
    closeSync(fd);
  }
}
