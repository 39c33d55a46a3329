import { ReadFailedError } from "../errors.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import { withReadLock, withWriteLock } from "../lock/with-lock.ts";
import { finishIntent } from "./finish-intent.ts";
import { isMarked, readMark } from "./intent-mark.ts";

/**
 * Reads under the shared lock, once what a crash interrupted is finished; that takes the exclusive lock first.
 * Throws as `withReadLock`, {@link finishIntent} and {@link mustFinish}.
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

/**
 * Whether a crash left something that only an exclusive lock can finish.
 * @throws {ReadFailedError} `ERR_READ_FAILED`: that cannot be told.
 */
export function mustFinish({ targetPath }: FileLock): boolean {
  try {
    return isMarked(targetPath) && readMark(targetPath) !== undefined;
  } catch (cause) {
    throw new ReadFailedError(targetPath, cause);
  }
}
