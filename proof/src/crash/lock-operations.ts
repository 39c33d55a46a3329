import { join } from "node:path";
import { acquireLock, acquireLockSync, lockAll, withReadLock } from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";

const unchanged = { files: ["data"], content: () => "data\n" } as const;

/** Locking alone: the data never changes, and nothing stays locked. */
export const lockOperations: readonly CrashOperation[] = [
  {
    name: "acquireLock exclusive, release",
    ...unchanged,
    run: async (directory) => (await acquireLock(join(directory, "data"), "exclusive")).release(),
  },
  {
    name: "acquireLock shared, release",
    ...unchanged,
    run: (directory) => withReadLock(join(directory, "data"), () => undefined),
  },
  {
    name: "acquireLockSync, releaseSync",
    ...unchanged,
    run: (directory) => acquireLockSync(join(directory, "data"), "exclusive").releaseSync(),
  },
  {
    name: "acquireLock gastown, release",
    ...unchanged,
    run: async (directory) =>
      (await acquireLock(join(directory, "data"), "exclusive", { layout: "gastown" })).release(),
  },
  {
    name: "acquireLock flowforge, release",
    ...unchanged,
    layout: "flowforge",
    run: async (directory) =>
      (await acquireLock(join(directory, "data"), "exclusive", { layout: "flowforge" })).release(),
  },
  {
    name: "acquireLock beads, of a SQLite era, release",
    files: ["issues.jsonl", "beads.db"],
    content: (file) => `${file}\n`,
    layout: "beads",
    run: async (directory) =>
      (await acquireLock(join(directory, "issues.jsonl"), "exclusive", { layout: "beads" })).release(),
  },
  {
    name: "lockAll of two files",
    files: ["data", "other"],
    content: (file) => `${file}\n`,
    run: (directory) => lockAll([join(directory, "other"), join(directory, "data")], () => undefined),
  },
];
