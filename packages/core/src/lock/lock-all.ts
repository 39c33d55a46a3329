import { monotonicMs } from "./clock.ts";
import { LockRequest } from "./acquire-lock.ts";
import type { FileLock, HeldFileLock } from "./file-lock.ts";
import { runInside } from "./held-locks.ts";
import type { LockMode } from "./lock-mode.ts";
import { type LockOptions } from "./lock-options.ts";
import { releaseAfterFailure } from "./with-lock.ts";

/** One of several files to lock together. */
export interface LockAllItem {
  readonly path: string;
  /** Default `"exclusive"`. */
  readonly mode?: LockMode | undefined;
}

/**
 * Runs `work` while holding the locks of several files. They are taken in one canonical order, so that two callers
 * that name them differently never wait for each other.
 *
 * @param items - Paths, or paths with modes. Files that share a lock are locked once, in the stronger mode.
 * @param work - Gets the held locks in the order of `items`.
 * @param options - `timeoutMs` bounds the whole call.
 * @throws As {@link acquireLock}; then no lock is held and `work` did not run.
 */
export async function lockAll<T>(
  items: readonly (string | LockAllItem)[],
  work: (locks: readonly FileLock[]) => T | Promise<T>,
  options?: LockOptions,
): Promise<T> {
  const wanted = items.map((item) => (typeof item === "string" ? { path: item } : item));
  const requests = plan(wanted, options);
  const held = new Map<string, HeldFileLock>();
  try {
    const result = await acquireInOrder(requests, 0, held, options, monotonicMs(), () =>
      work(requests.order.map((lockPath) => held.get(lockPath) as HeldFileLock)),
    );
    for (const lock of [...held.values()].toReversed()) lock.releaseSync();
    return result;
  } catch (error) {
    for (const lock of [...held.values()].toReversed()) releaseAfterFailure(lock);
    throw error;
  }
}

interface Plan {
  /** The lock of each item, in the items' order. */
  readonly order: readonly string[];
  /** Each lock once, sorted. */
  readonly sorted: readonly { readonly lockPath: string; readonly path: string; readonly mode: LockMode }[];
}

function plan(items: readonly LockAllItem[], options: LockOptions | undefined): Plan {
  const byLock = new Map<string, { lockPath: string; path: string; mode: LockMode }>();
  const order = items.map(({ path, mode = "exclusive" }) => {
    const { lockPath } = new LockRequest(path, mode, options);
    const known = byLock.get(lockPath);
    if (known === undefined) byLock.set(lockPath, { lockPath, path, mode });
    else if (mode === "exclusive") known.mode = mode;
    return lockPath;
  });
  const sorted = [...byLock.values()].toSorted((a, b) => (a.lockPath < b.lockPath ? -1 : 1));
  return { order, sorted };
}

/** Each lock surrounds the acquisition of the next, so that the order of nesting is known. */
async function acquireInOrder<T>(
  requests: Plan,
  at: number,
  held: Map<string, HeldFileLock>,
  options: LockOptions | undefined,
  startedAt: number,
  work: () => T | Promise<T>,
): Promise<T> {
  const next = requests.sorted[at];
  if (next === undefined) return work();
  const request = new LockRequest(next.path, next.mode, remaining(options, startedAt));
  const lock = request.now() ?? (await request.later());
  held.set(next.lockPath, lock);
  return runInside(lock, () => acquireInOrder(requests, at + 1, held, options, startedAt, work));
}

function remaining(options: LockOptions | undefined, startedAt: number): LockOptions | undefined {
  if (options?.timeoutMs === undefined) return options;
  return { ...options, timeoutMs: Math.max(options.timeoutMs - (monotonicMs() - startedAt), 0) };
}
