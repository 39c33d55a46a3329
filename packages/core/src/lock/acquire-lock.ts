import { checkPath } from "../options.ts";
import { monotonicMs } from "./clock.ts";
import { HeldFileLock, releaseLegs, type FileLock, type HeldLeg } from "./file-lock.ts";
import { checkNesting, currentFrame, rememberOrder, type HeldFrame } from "./held-locks.ts";
import { LockFailedError } from "./lock-errors.ts";
import { enqueue, takeLegs, takeLegsNow, takeLegsSync, timedOut } from "./lock-legs.ts";
import type { LocalQueue } from "./local-queue.ts";
import type { LockMode } from "./lock-mode.ts";
import {
  effectiveTimeoutMs,
  resolveLockOptions,
  type LockOptions,
  type ResolvedLockOptions,
} from "./lock-options.ts";
import { forgetLocation, locate, queueFor, type LockLocation } from "./queues.ts";
import { resolveTarget } from "./resolve-target.ts";
import { Waiter, type WaitOutcome } from "./waiter-list.ts";

/**
 * Waits for the lock on a file and returns it held. Prefer `withReadLock` and `withWriteLock`, which cannot forget to release it.
 *
 * @param path - The data file; it may be missing, its directory must exist. The lock lives beside it (see `layout`).
 * @param mode - `"shared"` for readers, `"exclusive"` for writers.
 * @returns The held lock. Release it in a `finally`, or declare it with `await using`.
 * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`: not granted within `timeoutMs`. Nothing was changed.
 * @throws {LockReentryError} `ERR_LOCK_REENTRY`: this flow of calls holds it already.
 * @throws {LockOrderError} `ERR_LOCK_ORDER`: another flow takes these locks the other way round.
 * @throws {LockUnsupportedError} `ERR_LOCK_UNSUPPORTED`: no such lock can be had here. No weaker one is used instead.
 * @throws {LockBackendMismatchError} `ERR_LOCK_BACKEND_MISMATCH`: another program uses another protocol on the same name.
 * @throws {LockFailedError} `ERR_LOCK_FAILED`: the operating system refused. Nothing is held.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: a hard link, special file, link or foreign file where none may be.
 */
export async function acquireLock(path: string, mode: LockMode, options?: LockOptions): Promise<FileLock> {
  const request = new LockRequest(path, mode, options);
  return request.now() ?? (await request.later());
}

/**
 * One attempt without waiting. Undefined when someone else holds the lock; everything else as `acquireLock`.
 */
export async function tryAcquireLock(
  path: string,
  mode: LockMode,
  options?: LockOptions,
): Promise<FileLock | undefined> {
  return new LockRequest(path, mode, { ...options, timeoutMs: 0 }).now();
}

/**
 * Waits for the lock by blocking this thread; for scripts that are synchronous from end to end.
 *
 * @throws {LockReentryError} `ERR_LOCK_REENTRY`: this very thread holds the lock asynchronously; blocking would never end.
 */
export function acquireLockSync(
  path: string,
  mode: LockMode,
  options?: Omit<LockOptions, "signal">,
): FileLock {
  return new LockRequest(path, mode, options).blocking();
}

/**
 * One attempt without waiting, from synchronous code. Undefined when someone else holds the lock; otherwise as `acquireLockSync`.
 */
export function tryAcquireLockSync(
  path: string,
  mode: LockMode,
  options?: Omit<LockOptions, "signal">,
): FileLock | undefined {
  return new LockRequest(path, mode, { ...options, timeoutMs: 0 }).now();
}

/** One call's worth of acquisition. */
export class LockRequest {
  readonly path: string;
  readonly mode: LockMode;
  readonly options: ResolvedLockOptions;
  /** What surrounds the caller: by the time of the grant, other code may be running. */
  readonly #around: HeldFrame | undefined;
  #location: LockLocation;

  constructor(path: string, mode: LockMode, options: LockOptions | undefined) {
    checkPath("path", path);
    if (mode !== "shared" && mode !== "exclusive")
      throw new TypeError(`mode must be "shared" or "exclusive", got ${String(mode)}`);
    this.path = path;
    this.mode = mode;
    this.options = resolveLockOptions(options);
    this.options.signal?.throwIfAborted();
    this.#location = locate(path, this.options.layout);
    this.#around = currentFrame();
    checkNesting(this.lockPath, path, this.#around);
    if (this.timeoutMs > 0) rememberOrder(this.lockPath, this.#around);
  }

  /** @throws {LockFailedError} when the file is elsewhere by now: its lock would be another. */
  assertNotMoved(): void {
    if (resolveTarget(this.path) === this.#location.targetPath) return;
    throw new LockFailedError(
      this.path,
      "lock",
      new Error("a link on the way to it was changed meanwhile; try again"),
    );
  }

  get location(): LockLocation {
    return this.#location;
  }

  get lockPath(): string {
    return this.#location.plan.legs[0].path;
  }

  get timeoutMs(): number {
    return effectiveTimeoutMs(this.options, this.#location.plan.timeoutMs);
  }

  /** Held at once, or undefined where somebody else has it. */
  now(): HeldFileLock | undefined {
    for (;;) {
      const queue = this.#soleQueue();
      const outcome = queue?.tryEnter(this.mode, this.#location.targetPath, this.timeoutMs > 0);
      const legs =
        queue !== undefined && outcome === "granted"
          ? [{ queue, mode: this.mode }]
          : (outcome ?? takeLegsNow(this.#location, this.mode, this.options));
      if (legs === "busy") return undefined;
      const held = typeof legs === "string" ? undefined : this.#hold(legs);
      if (held !== undefined) return held;
      this.#relocate();
    }
  }

  /** Held as soon as it can be had. */
  later(startedAt: number = monotonicMs()): Promise<HeldFileLock> {
    const queue = this.#soleQueue();
    return queue === undefined ? this.#legByLeg(startedAt) : this.#queued(queue, startedAt);
  }

  /** The common lock: one queue to wait in, and nothing between the grant and the caller. */
  #queued(queue: LocalQueue, startedAt: number): Promise<HeldFileLock> {
    return new Promise((resolve, reject) => {
      const { mode, timeoutMs } = this;
      const { priority, signal } = this.options;
      const conclude = (outcome: WaitOutcome): void => {
        try {
          if (outcome === "expired") throw timedOut(this, this.#location, startedAt);
          const held = outcome === "granted" ? this.#hold([{ queue, mode }], startedAt) : undefined;
          if (held === undefined) this.#relocate();
          resolve(held ?? this.later(startedAt));
        } catch (error) {
          reject(error);
        }
      };
      if (timeoutMs === 0) return conclude("expired");
      signal?.throwIfAborted();
      const dataPath = this.#location.targetPath;
      enqueue(
        queue,
        new Waiter({ mode, dataPath, priority, deadlineAt: startedAt + timeoutMs }, conclude, reject),
        signal,
      );
    });
  }

  async #legByLeg(startedAt: number): Promise<HeldFileLock> {
    const legs = await takeLegs(this, this.#location, startedAt);
    const held = legs === "moved" ? undefined : this.#hold(legs, startedAt);
    if (held !== undefined) return held;
    this.#relocate();
    return this.later(startedAt);
  }

  blocking(): HeldFileLock {
    const startedAt = monotonicMs();
    for (;;) {
      const legs = takeLegsSync(this, this.#location, startedAt);
      const held = legs === "moved" ? undefined : this.#hold(legs, startedAt);
      if (held !== undefined) return held;
      this.#relocate();
    }
  }

  /** The queue to wait in, for the common lock that has one kernel leg and nothing else. */
  #soleQueue(): LocalQueue | undefined {
    const { legs } = this.#location.plan;
    return legs.length === 1 ? queueFor(legs[0], this.options) : undefined;
  }

  /**
   * The held lock; undefined, with everything given back, when the file turned out to be elsewhere.
   * @param startedAt - When the wait began; undefined where there was none.
   */
  #hold(legs: readonly HeldLeg[], startedAt?: number): HeldFileLock | undefined {
    let leadsThere = false;
    try {
      leadsThere = this.#stillLeadsThere();
    } finally {
      if (!leadsThere) releaseLegs(legs);
    }
    if (!leadsThere) return undefined;
    const now = monotonicMs();
    return new HeldFileLock({
      path: this.path,
      targetPath: this.#location.targetPath,
      mode: this.mode,
      legs,
      parent: this.#around,
      waitedMs: now - (startedAt ?? now),
      acquiredAt: now,
    });
  }

  /** The data file turned out to be elsewhere (it became a link): look its lock up again. */
  #relocate(): void {
    forgetLocation(this.path, this.options.layout);
    this.#location = locate(this.path, this.options.layout);
    checkNesting(this.lockPath, this.path, this.#around);
  }

  /** Links on the way to the file may have been pointed elsewhere while we waited: then its lock is another. */
  #stillLeadsThere(): boolean {
    if (this.#location.canonical) return true; // the grant itself was checked against the data file
    return resolveTarget(this.path) === this.#location.targetPath;
  }
}
