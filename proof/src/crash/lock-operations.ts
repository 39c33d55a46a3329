import { equal, ok } from "node:assert/strict";
import { existsSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import {
  acquireLock,
  acquireLockSync,
  lockAll,
  lockAllSync,
  tryAcquireLock,
  withReadLock,
} from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";
import type { Aftermath } from "./verify.ts";

const unchanged = { files: ["data"], content: () => "data\n" } as const;

const two = { files: ["data", "other"], content: (file: string): string => `${file}\n` } as const;

const leased = { backend: "proper-lockfile" } as const;

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
    name: "acquireLock jit, of an issue, release",
    files: ["issues/one.json"],
    content: (file) => `${file}\n`,
    layout: "jit",
    run: async (directory) =>
      (await acquireLock(join(directory, "issues", "one.json"), "exclusive", { layout: "jit" })).release(),
  },
  {
    name: "acquireLock todo2, release",
    ...unchanged,
    layout: "todo2",
    run: async (directory) =>
      (await acquireLock(join(directory, "data"), "exclusive", { layout: "todo2" })).release(),
  },
  {
    name: "acquireLock proper-lockfile, release",
    ...unchanged,
    run: async (directory) => (await acquireLock(join(directory, "data"), "exclusive", leased)).release(),
    pass: growStale,
    verify: verifyLeased,
  },
  {
    name: "lockAll of two files",
    ...two,
    run: (directory) => lockAll([join(directory, "other"), join(directory, "data")], () => undefined),
  },
  {
    name: "lockAllSync of two files",
    ...two,
    onlyChanging: true,
    run: (directory) => lockAllSync([join(directory, "other"), join(directory, "data")], () => undefined),
  },
];

/** As if nobody had touched the lock's directory for ten minutes. */
function growStale(directory: string): void {
  const lockPath = join(directory, "data.lock");
  const longAgo = new Date(Date.now() - 600_000);
  if (existsSync(lockPath)) utimesSync(lockPath, longAgo, longAgo);
}

/** A directory that nobody touches any more: the dead keep the others out until it is stale, and no longer. */
async function verifyLeased({ directory, acknowledged }: Aftermath): Promise<void> {
  const path = join(directory, "data");
  const lockPath = `${path}.lock`;
  if (existsSync(lockPath)) {
    equal(acknowledged, 0, "it was released, and stays");
    equal(await tryAcquireLock(path, "exclusive", leased), undefined, "taken before it is stale");
    growStale(directory);
  }
  const lock = await tryAcquireLock(path, "exclusive", leased);
  ok(lock !== undefined, `${path} is still locked`);
  await lock.release();
  ok(!existsSync(lockPath), "it was released, and stays");
  equal(readFileSync(path, "utf8"), unchanged.content());
}
