import { RevisionConflictError, type WaitOptions } from "@flockwork/core";

/** How long a change is made again, where the caller does not say how long it may wait: as long as core waits for a lock. */
const defaultTimeoutMs = 30_000;

/**
 * Makes a change, and makes it again on top of what a program that our lock did not keep out wrote meanwhile. For changes that
 * say what is to become of the present content, whatever that is: a heartbeat, a registration, a setting.
 *
 * One that never comes through, because that program does not stop writing, fails when `timeoutMs` is over, or `signal` aborts.
 * @throws {RevisionConflictError} `ERR_REVISION_CONFLICT`: still, or in `change` itself over a whole value. Nothing was changed.
 */
export async function redoOnConflict<R>(
  change: () => Promise<R>,
  { timeoutMs = defaultTimeoutMs, signal }: WaitOptions = {},
): Promise<R> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await change();
    } catch (error) {
      if (!isOverwritten(error) || performance.now() >= endsAt) throw error;
      signal?.throwIfAborted();
    }
  }
}

/** With `versions` it is somebody's decision about a whole value, which another look does not change. */
function isOverwritten(error: unknown): boolean {
  return error instanceof RevisionConflictError && error.versions === undefined;
}
