import type { FileLock } from "../lock/file-lock.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import { withReadLock, withWriteLock } from "../lock/with-lock.ts";
import { finishIntent } from "./finish-intent.ts";
import { isMarked, readMark } from "./intent-mark.ts";

/**
 * Reads under the shared lock, once what a crash interrupted is finished; that takes the exclusive lock first.
 * Throws as `withReadLock` and {@link finishIntent}.
 */
export async function readFinished<T>(
  path: string,
  read: (lock: FileLock) => T | Promise<T>,
  options?: LockOptions,
): Promise<T> {
  for (;;) {
    const found = await withReadLock(path, (lock) => (mustFinish(lock) ? unfinished : read(lock)), options);
    if (found !== unfinished) return found as T;
    await withWriteLock(path, finishIntent, options);
  }
}

const unfinished = Symbol("unfinished");

function mustFinish({ targetPath }: FileLock): boolean {
  return isMarked(targetPath) && readMark(targetPath) !== undefined;
}
