import { checkPath } from "../options.ts";
import { monotonicMs } from "./clock.ts";
import { HeldFileLock, releaseLegs, type FileLock, type HeldLeg } from "./file-lock.ts";
import { checkNesting, currentFrame, rememberOrder, type HeldFrame } from "./held-locks.ts";
import { LockFailedError } from "./lock-errors.ts";
import { takeLegs, takeLegsNow, takeLegsSync } from "./lock-legs.ts";
import type { LocalQueue } from "./local-queue.ts";
import type { LockMode } from "./lock-mode.ts";
import {
  effectiveTimeoutMs,
  resolveLockOptions,
  type LockOptions,
  type ResolvedLockOptions,
} from "./lock-options.ts";
import { forgetLocation, locate, queueFor, requireLocalData, type LockLocation } from "./queues.ts";
import { resolveTarget } from "./resolve-target.ts";
import { enqueue } from "./take-leg.ts";
import { timedOut } from "./timed-out.ts";
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
  return new LockRequest(path, mode, { ...options, timeoutMs: 0 }).now(true);
}

/** One call's worth of acquisition. */
export class LockRequest {
  readonly path: string;
  readonly mode: LockMode;
  readonly options: ResolvedLockOptions;
  /** What surrounds the caller: by the time of the grant, other code may be running. */
  readonly parent: HeldFrame | undefined;
  readonly #startedAt: number;
  #location: LockLocation;

  constructor(path: string, mode: LockMode, options: LockOptions | undefined) {
    checkPath("path", path);
    if (mode !== "shared" && mode !== "exclusive")
      throw new TypeError(`mode must be "shared" or "exclusive", got ${String(mode)}`);
    this.path = path;
    this.mode = mode;
    this.options = resolveLockOptions(options);
    this.options.signal?.throwIfAborted();
    this.#location = this.#locate();
    this.parent = currentFrame();
    this.#startedAt = monotonicMs();
    if (this.parent === undefined) return;
    checkNesting(this.lockPath, path, this.parent);
    if (this.timeoutMs > 0) rememberOrder(this.lockPath, this.parent);
  }

  #locate(): LockLocation {
    const location = locate(this.path, this.options.layout);
    requireLocalData(location, this.options);
    return location;
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

  get targetPath(): string {
    return this.#location.targetPath;
  }

  get lockPath(): string {
    return this.#location.plan.legs[0].path;
  }

  get timeoutMs(): number {
    return effectiveTimeoutMs(this.options, this.#location.plan);
  }

  /**
   * Held at once, or undefined where somebody else has it.
   * @param blocking - What follows is synchronous.
   */
  now(blocking = false): HeldFileLock | undefined {
    for (;;) {
      const queue = this.#soleQueue();
      const outcome = queue?.tryEnter(this.mode, this.targetPath, this.timeoutMs > 0, this.#startedAt);
      const legs =
        queue !== undefined && outcome === "granted"
          ? queue.legs[this.mode]
          : (outcome ?? takeLegsNow(this.#location, this.mode, this.options, blocking));
      if (legs === "busy") return undefined;
      const held = typeof legs === "string" ? undefined : this.#hold(legs, this.#startedAt);
      if (held !== undefined) return held;
      this.#relocate();
    }
  }

  /** Held as soon as it can be had. */
  later(): Promise<HeldFileLock> {
    const queue = this.#soleQueue();
    if (queue === undefined) return this.#legByLeg();
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this;
      if (timeoutMs === 0) throw timedOut(this, this.#location, this.#startedAt);
      this.options.signal?.throwIfAborted();
      const waiter = new RequestWaiter(this, queue, this.#startedAt + timeoutMs, resolve, reject);
      enqueue(queue, waiter, this.options.signal);
    });
  }

  /** The wait in a queue is over. */
  concluded(outcome: WaitOutcome, queue: LocalQueue, now: number): HeldFileLock | Promise<HeldFileLock> {
    if (outcome === "expired") throw timedOut(this, this.#location, this.#startedAt);
    const held = outcome === "granted" ? this.#hold(queue.legs[this.mode], now) : undefined;
    if (held !== undefined) return held;
    this.#relocate();
    return this.later();
  }

  async #legByLeg(): Promise<HeldFileLock> {
    const legs = await takeLegs(this, this.#location, this.#startedAt);
    const held = legs === "moved" ? undefined : this.#hold(legs);
    if (held !== undefined) return held;
    this.#relocate();
    return this.later();
  }

  blocking(): HeldFileLock {
    for (;;) {
      const legs = takeLegsSync(this, this.#location, this.#startedAt);
      const held = legs === "moved" ? undefined : this.#hold(legs);
      if (held !== undefined) return held;
      this.#relocate();
    }
  }

  /** The queue to wait in, for the common lock that has one kernel leg and nothing else. */
  #soleQueue(): LocalQueue | undefined {
    const { legs } = this.#location.plan;
    return legs.length === 1 ? queueFor(legs[0], this.options) : undefined;
  }

  /** The held lock; undefined, with everything given back, when the file turned out to be elsewhere. */
  #hold(legs: readonly HeldLeg[], now: number = monotonicMs()): HeldFileLock | undefined {
    if (!this.#location.canonical && !this.#stillLeadsThere(legs)) return undefined;
    return new HeldFileLock(this, legs, now, now - this.#startedAt);
  }

  /** The data file turned out to be elsewhere (it became a link): look its lock up again. */
  #relocate(): void {
    forgetLocation(this.path, this.options.layout);
    this.#location = this.#locate();
    checkNesting(this.lockPath, this.path, this.parent);
  }

  /**
   * Links on the way to the file may have been pointed elsewhere while we waited: then its lock is another, and this one is
   * given back. Of a path without any, the grant itself was checked against the data file.
   */
  #stillLeadsThere(legs: readonly HeldLeg[]): boolean {
    let leadsThere = false;
    try {
      return (leadsThere = resolveTarget(this.path) === this.targetPath);
    } finally {
      if (!leadsThere) releaseLegs(legs);
    }
  }
}

/** A request that waits for the common lock: one queue, and nothing between the grant and the caller. */
class RequestWaiter extends Waiter {
  readonly #request: LockRequest;
  readonly #queue: LocalQueue;
  readonly #resolve: (lock: HeldFileLock | Promise<HeldFileLock>) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(
    request: LockRequest,
    queue: LocalQueue,
    deadlineAt: number,
    resolve: (lock: HeldFileLock | Promise<HeldFileLock>) => void,
    reject: (reason: unknown) => void,
  ) {
    super(request.mode, request.options.priority, request.targetPath, deadlineAt);
    this.#request = request;
    this.#queue = queue;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  protected onSettled(outcome: WaitOutcome, now: number): void {
    try {
      this.#resolve(this.#request.concluded(outcome, this.#queue, now));
    } catch (error) {
      this.#reject(error);
    }
  }

  protected onFailed(reason: unknown): void {
    this.#reject(reason);
  }
}
