import { deepEqual, equal } from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  acquireLock,
  cleanStaleLocks,
  closeIdleLocks,
  pinLockDirectory,
  unpinLockDirectory,
} from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";

const unchanged = {
  files: ["data"],
  content: () => "data\n",
  followed: () => "data\n",
} as const;

/** Lock files themselves are made, kept and removed: the data never changes, and its lock can be had whatever is left. */
export const tendingOperations: readonly CrashOperation[] = [
  {
    name: "cleanStaleLocks, of a lock that was released",
    ...unchanged,
    async run(directory) {
      await (await acquireLock(join(directory, "data"), "exclusive")).release();
      cleanStaleLocks(directory);
    },
    follow(directory) {
      cleanStaleLocks(directory);
      deepEqual(
        readdirSync(directory).filter((name) => name.endsWith(".lock")),
        [],
        "lock files after the next clean-up",
      );
    },
  },
  {
    name: "pinLockDirectory, unpinLockDirectory",
    ...unchanged,
    layout: "gastown",
    run(directory) {
      pinLockDirectory(directory, ["data"]);
      unpinLockDirectory(directory);
    },
    async follow(directory) {
      const { lockDirectory, lockFiles } = pinLockDirectory(directory, ["data"]);
      equal(statSync(lockDirectory).mode & 0o777, 0o555, "the mode of a pinned directory");
      deepEqual(lockFiles.map(existsSync), [true], "its lock file is there");
      await (await acquireLock(join(directory, "data"), "exclusive", { layout: "gastown" })).release();
      closeIdleLocks();
      unpinLockDirectory(directory);
    },
  },
];
