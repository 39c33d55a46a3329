import { checkFunction } from "../options.ts";
import { LockRequest } from "./acquire-lock.ts";
import type { FileLock } from "./file-lock.ts";
import { runInside, runInsideSync } from "./held-locks.ts";
import type { LockMode } from "./lock-mode.ts";
import type { LockOptions } from "./lock-options.ts";

/**
 * Runs `work` while no other process writes the file under lock. Readers run side by side.
 *
 * @param path - The data file; it may be missing, its directory must exist.
 * @param work - Gets the held lock. Its result, or its error, is the call's.
 * @throws As {@link acquireLock}; then `work` did not run.
 * @example
 * const text = await withReadLock("state.json", () => readFile("state.json", "utf8"));
 */
export function withReadLock<T>(
  path: string,
  work: (lock: FileLock) => T | Promise<T>,
  options?: LockOptions,
): Promise<T> {
  return withLock(path, "shared", work, options);
}

/**
 * Runs `work` while no other process reads or writes the file under lock.
 *
 * @param path - The data file; it may be missing, its directory must exist.
 * @param work - Gets the held lock. Its result, or its error, is the call's.
 * @throws As {@link acquireLock}; then `work` did not run.
 * @example
 * await withWriteLock("state.json", async () => {
 *   const state = JSON.parse(await readFile("state.json", "utf8"));
 *   state.runs += 1;
 *   await writeFile("state.json", JSON.stringify(state));
 * });
 */
export function withWriteLock<T>(
  path: string,
  work: (lock: FileLock) => T | Promise<T>,
  options?: LockOptions,
): Promise<T> {
  return withLock(path, "exclusive", work, options);
}

/** As {@link withReadLock}, blocking this thread. `work` must not return a promise: the lock is released when it returns. */
export function withReadLockSync<T>(
  path: string,
  work: (lock: FileLock) => T,
  options?: Omit<LockOptions, "signal">,
): T {
  return withLockSync(path, "shared", work, options);
}

/** As {@link withWriteLock}, blocking this thread. `work` must not return a promise: the lock is released when it returns. */
export function withWriteLockSync<T>(
  path: string,
  work: (lock: FileLock) => T,
  options?: Omit<LockOptions, "signal">,
): T {
  return withLockSync(path, "exclusive", work, options);
}

async function withLock<T>(
  path: string,
  mode: LockMode,
  work: (lock: FileLock) => T | Promise<T>,
  options?: LockOptions,
): Promise<T> {
  checkFunction("work", work);
  const request = new LockRequest(path, mode, options);
  const free = request.now();
  const lock = free ?? (await request.later());
  try {
    const result = runInside(lock, () => work(lock));
    // Awaited even where the work is synchronous, so that whoever asks meanwhile queues up and shares the kernel's grant.
    // After a wait they had time for that, and others may be waiting: then it is released right away.
    return free === undefined && !isThenable(result) ? result : await result;
  } finally {
    releaseOrWarn(lock);
  }
}

function withLockSync<T>(
  path: string,
  mode: LockMode,
  work: (lock: FileLock) => T,
  options?: LockOptions,
): T {
  checkFunction("work", work);
  const lock = new LockRequest(path, mode, options).blocking();
  try {
    return refusePromise(runInsideSync(lock, () => work(lock)));
  } finally {
    releaseOrWarn(lock);
  }
}

/** @throws {TypeError} when the result is a promise: its work would go on after the lock is released. */
export function refusePromise<T>(result: T): T {
  if (!isThenable(result)) return result;
  throw new TypeError(
    "The work under a synchronous lock returned a promise: it would go on after the lock is released",
  );
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/**
 * What the work did, or why it failed, is what its caller must learn, so a failing release becomes a process warning.
 * A kernel lock is free all the same: its descriptor is closed.
 */
export function releaseOrWarn(lock: FileLock): void {
  try {
    lock.releaseSync();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
