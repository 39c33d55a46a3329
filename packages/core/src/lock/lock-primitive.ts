import type { LockMode } from "./lock-mode.ts";
import type { BackendName } from "./lock-options.ts";

/**
 * What one attempt found: the lock is ours; someone else has it; or the data file is no longer where it was resolved to,
 * so that its lock must be looked up again.
 */
export type Attempt = "granted" | "busy" | "moved";

/** How a contest ended: `granted` or `moved`; `busy` after a cancel; an error when the operating system refused. */
export type CompetitionEnd = Attempt | Error;

/** A contest for a busy lock. One runs per lock and process; every local caller queues behind it. */
export interface Competition {
  readonly mode: LockMode;
  /** Whether somebody else really had the lock meanwhile. */
  readonly contested: boolean;
  /** Ends the contest soon, but never before this returns; its end tells whether the grant came first. */
  cancel(): void;
  /** Ends it before returning; false where that is impossible (a child process must be awaited). */
  cancelSync(): boolean;
}

/** One way to hold a lock between processes: a kernel lock, or a lease. Its callers make sure only one of them uses it at a time. */
export interface LockPrimitive {
  readonly lockPath: string;
  readonly backend: BackendName;
  /** Whether holding it proves that no other Flockwork program does: true of a kernel lock on a local file system. */
  readonly provesAlone: boolean;
  /** One attempt without waiting. */
  tryAcquire(mode: LockMode, dataPath: string): Attempt;
  /** @param ended - Called once, later than this returns, with how the contest ended. */
  compete(
    mode: LockMode,
    dataPath: string,
    startAfterMs: number,
    ended: (end: CompetitionEnd) => void,
  ): Competition;
  /** Blocks this thread until granted, moved, or `timeoutMs` passed (`busy`). */
  acquireSync(mode: LockMode, dataPath: string, timeoutMs: number): Attempt;
  /** While it is held shared: whether another reader of this process may join, or a writer elsewhere waits for us to leave. */
  mayShare(dataPath: string): boolean;
  /** Whether another process sits in the kernel's queue for it. False where that cannot be known. */
  hasForeignWaiters(): boolean;
  /** Whether a grant may be passed on inside this process: not lost, not replaced, and the data file still where it was. */
  stillGranted(dataPath: string): boolean;
  /** @param now - The monotonic milliseconds of the release, which the caller knows already. */
  release(now: number): void;
  /** Throws LeaseLostError where the lock can be lost and was. */
  assertHeld(): void;
  /** Called when a lock that can be lost was lost; never for a kernel lock. */
  onLost(listener: (reason: Error) => void): void;
  /** Closes what is kept open between uses. Not called while held. */
  close(): void;
}
