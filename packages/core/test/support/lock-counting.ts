import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

import { tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import type { LockOptions } from "../../src/lock/lock-options.ts";
import {
  withReadLock,
  withReadLockSync,
  withWriteLock,
  withWriteLockSync,
} from "../../src/lock/with-lock.ts";

/** Increments of a counter that only mutual exclusion keeps from being lost, each inside a witness. */
export interface CountingJob {
  readonly path: string;
  readonly times: number;
  /** Asynchronous callers side by side in this thread. Default 1. */
  readonly callers?: number;
  /** Default `"async"`. `"mixed"`: asynchronous callers with synchronous calls between their turns. */
  readonly kind?: "async" | "sync" | "mixed" | "try" | "read";
  readonly options?: Omit<LockOptions, "signal" | "layout"> & { readonly layout?: string };
  /** Runs inside each exclusive section, in the process that holds the lock. */
  readonly unlinkAfter?: string;
}

/** Does the job and returns how many sections were entered. Throws when two were inside at once. */
export async function count(job: CountingJob): Promise<number> {
  const each = Array.from({ length: job.callers ?? 1 }, (_, caller) => callAgainAndAgain(job, caller));
  return (await Promise.all(each)).reduce((sum, entered) => sum + entered, 0);
}

/** The number the counter stands at. */
export function counted(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0;
  }
}

async function callAgainAndAgain(job: CountingJob, caller: number): Promise<number> {
  const { path, times, kind = "async" } = job;
  const options = job.options as LockOptions | undefined;
  let entered = 0;
  while (entered < times) {
    if (kind === "read") await withReadLock(path, () => read(path), options);
    else if (kind === "sync") withWriteLockSync(path, () => incrementSync(path), options);
    else if (kind === "mixed" && (entered + caller) % 3 === 0) await mixedSync(path, options);
    else if (kind === "try") {
      const lock = await tryAcquireLock(path, "exclusive", options);
      if (lock === undefined) {
        await nextTurn();
        continue;
      }
      await increment(path);
      await lock.release();
    } else await withWriteLock(path, () => increment(path), options);
    entered += 1;
  }
  return entered;
}

/** A synchronous call among asynchronous ones of the same thread: refused at once where one of them holds the lock. */
async function mixedSync(path: string, options: LockOptions | undefined): Promise<void> {
  for (;;) {
    try {
      return withWriteLockSync(path, () => incrementSync(path), options);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_LOCK_REENTRY") throw error;
      await nextTurn();
    }
  }
}

/** One increment with a turn of the event loop in the middle, under a witness that two cannot make. */
export async function increment(path: string): Promise<void> {
  const witness = `${path}.inside`;
  mkdirSync(witness);
  const before = counted(path);
  await nextTurn();
  writeFileSync(path, String(before + 1));
  rmdirSync(witness);
}

/** The same without leaving the call. */
export function incrementSync(path: string): void {
  const witness = `${path}.inside`;
  mkdirSync(witness);
  writeFileSync(path, String(counted(path) + 1));
  rmdirSync(witness);
}

/** A reader: no writer may be inside from its first look to its last. */
async function read(path: string): Promise<void> {
  const before = counted(path);
  await nextTurn();
  if (counted(path) !== before) throw new Error("a writer was inside beside a reader");
}

/** A synchronous reader. */
export function readSync(path: string, options?: LockOptions): number {
  return withReadLockSync(path, () => counted(path), options);
}
