import type { LayoutName, LockLayout } from "../lock/lock-layout.ts";
import type { LockMode } from "../lock/lock-mode.ts";
import type { WaitOptions } from "../options.ts";

/** How a lock of a store is held. */
export interface StoreLockSpec {
  /** Where neighbours look for it. Default `"sidecar"`. Stores without files ignore it. */
  readonly layout?: LockLayout | LayoutName | undefined;
}

/** How long one acquisition may wait, and before whom. */
export interface StoreLockOptions extends WaitOptions {
  /** Order among waiters of this process: higher goes first. Default 0. */
  readonly priority?: number | undefined;
}

/** A lock that is held. */
export interface StoreLockHold extends AsyncDisposable {
  readonly mode: LockMode;
  readonly held: boolean;
  /** Aborts when a lock that can be lost was lost. */
  readonly signal: AbortSignal;
  /** Call it right before making a change visible. @throws {LeaseLostError} `ERR_LEASE_LOST`: somebody else may hold it. */
  assertHeld(): void;
  /** Gives the lock back. Idempotent. */
  release(): Promise<void>;
}

/** Who holds a lock now, as far as can be told. For people; never a reason to break it. */
export interface StoreLockInspection {
  readonly held: boolean;
  readonly mode: LockMode | undefined;
  /** The holders, in words. */
  readonly holders: readonly string[];
  /** How many are known to wait. */
  readonly waiting: number;
}

/**
 * A lock by name. The lock of a document's or log's name is the one its changes take: hold it to keep them out, or to change
 * by other means what lies under that name.
 */
export interface StoreLock {
  readonly name: string;
  /** Runs `work` while nobody writes; readers run side by side. Throws as `acquireLock`; then `work` did not run. */
  withRead<R>(work: (hold: StoreLockHold) => R | Promise<R>, options?: StoreLockOptions): Promise<R>;
  /** Runs `work` while nobody else reads or writes. Throws as `acquireLock`; then `work` did not run. */
  withWrite<R>(work: (hold: StoreLockHold) => R | Promise<R>, options?: StoreLockOptions): Promise<R>;
  acquire(mode: LockMode, options?: StoreLockOptions): Promise<StoreLockHold>;
  /** One attempt. Undefined where somebody else holds it. */
  tryAcquire(mode: LockMode): Promise<StoreLockHold | undefined>;
  inspect(): Promise<StoreLockInspection>;
}
