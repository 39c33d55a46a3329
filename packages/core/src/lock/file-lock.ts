import { noteWait } from "./adaptive-timeout.ts";
import { monotonicMs } from "./clock.ts";
import type { ExistenceLeg } from "./existence-leg.ts";
import type { HeldFrame } from "./held-locks.ts";
import type { LocalQueue } from "./local-queue.ts";
import { recordAcquired, recordReleased, watchHold } from "./lock-metrics.ts";
import type { LockMode } from "./lock-mode.ts";
import type { BackendName } from "./lock-options.ts";

/** A lock that is held. */
export interface FileLock extends AsyncDisposable, Disposable {
  /** The data file, as it was named. */
  readonly path: string;
  /** The real file behind that name: directory resolved, symbolic link followed. What the lock protects. */
  readonly targetPath: string;
  /** The file the lock is held on; the first where its layout has several. */
  readonly lockPath: string;
  /** All that it is held on, in the order they were taken. */
  readonly lockPaths: readonly string[];
  /** Which mechanism holds it. */
  readonly backend: BackendName;
  readonly mode: LockMode;
  /** Aborts when a lock that can be lost (proper-lockfile) was lost. Never for flock. */
  readonly signal: AbortSignal;
  readonly held: boolean;
  /**
   * Call it right before making a change visible.
   * @throws {LeaseLostError} `ERR_LEASE_LOST`: someone else may hold the lock; nothing was written by this call.
   */
  assertHeld(): void;
  /** Gives the lock back. Idempotent. */
  release(): Promise<void>;
  /** The same, at once. Idempotent. */
  releaseSync(): void;
}

/** One leg of a held lock. */
export type HeldLeg =
  | { readonly queue: LocalQueue; readonly mode: LockMode }
  | { readonly existence: ExistenceLeg };

/** Whose lock it is. */
interface Owner {
  readonly path: string;
  readonly targetPath: string;
  readonly mode: LockMode;
  /** The innermost lock that surrounded the caller when it asked. */
  readonly parent: HeldFrame | undefined;
}

export class HeldFileLock implements FileLock, HeldFrame {
  readonly path: string;
  readonly targetPath: string;
  readonly lockPath: string;
  readonly backend: BackendName;
  readonly mode: LockMode;
  readonly parent: HeldFrame | undefined;
  active = true;
  readonly #legs: readonly HeldLeg[];
  readonly #acquiredAt: number;
  readonly #endWatch: (() => void) | undefined;
  #controller: AbortController | undefined;

  constructor(owner: Owner, legs: readonly HeldLeg[], acquiredAt: number, waitedMs: number) {
    const first = legs[0];
    this.path = owner.path;
    this.targetPath = owner.targetPath;
    const primitive = first !== undefined && "queue" in first ? first.queue.primitive : undefined;
    this.lockPath = primitive?.lockPath ?? owner.targetPath;
    this.backend = primitive?.backend ?? "flock";
    this.mode = owner.mode;
    this.parent = owner.parent;
    this.#legs = legs;
    this.#acquiredAt = acquiredAt;
    recordAcquired(owner.path, owner.mode, waitedMs);
    noteWait(this.lockPath, waitedMs);
    this.#endWatch = watchHold(owner.path, owner.mode, acquiredAt);
  }

  get held(): boolean {
    return this.active;
  }

  get lockPaths(): readonly string[] {
    return this.#legs.map((leg) => ("queue" in leg ? leg.queue.primitive.lockPath : leg.existence.path));
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      for (const leg of this.#legs) {
        const losable = "queue" in leg ? leg.queue.primitive : leg.existence;
        losable.onLost((reason) => controller.abort(reason));
      }
    }
    return this.#controller.signal;
  }

  assertHeld(): void {
    if (!this.active)
      throw new TypeError(`The lock on ${this.path} was released before the work it protects was done`);
    for (const leg of this.#legs) {
      if ("queue" in leg) leg.queue.primitive.assertHeld();
      else leg.existence.assertHeld();
    }
  }

  release(): Promise<void> {
    try {
      this.releaseSync();
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  releaseSync(): void {
    if (!this.active) return;
    this.active = false;
    const now = monotonicMs();
    try {
      const sole = this.#legs[0];
      if (this.#legs.length === 1 && sole !== undefined && "queue" in sole) sole.queue.leave(sole.mode, now);
      else releaseLegs(this.#legs);
    } finally {
      this.#endWatch?.();
      recordReleased(this.path, this.mode, now - this.#acquiredAt);
    }
  }

  [Symbol.dispose](): void {
    this.releaseSync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** Releases legs in reverse. All of them are tried; the first failure is thrown. */
export function releaseLegs(legs: readonly HeldLeg[]): void {
  let failure: { readonly error: unknown } | undefined;
  for (let at = legs.length - 1; at >= 0; at -= 1) {
    const leg = legs[at];
    if (leg === undefined) continue;
    try {
      if ("queue" in leg) leg.queue.leave(leg.mode);
      else leg.existence.release();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}
