import { join } from "node:path";
import { crashOperations } from "../crash/operations.ts";
import { tryAcquireLock, withReadLockSync } from "../harness/core.ts";
import type { FaultOperation } from "./fault-operation.ts";

const quick = { timeoutMs: 300 };

/**
 * What is killed at every call is also failed at every call, and a few more. A commit of several files leaves its record where
 * its outcome is uncertain, and the rules here know one file: core's own tests fail it at every call.
 */
export const faultOperations: readonly FaultOperation[] = [
  ...crashOperations.filter(
    (operation) => !operation.name.includes("2 MiB") && operation.recover === undefined,
  ),
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
];
