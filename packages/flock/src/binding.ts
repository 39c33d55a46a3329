import type { FlockSystemError } from "./errors.ts";

/** How a lock is held: many `shared` holders, or one `exclusive`. */
export type LockMode = "shared" | "exclusive";

/** The four ways to reach the one flock(2) of the kernel. They exclude each other, so a fleet may mix them. */
export type BindingName = "addon" | "koffi" | "fs-ext" | "flock-command";

/** How a wait ended: with the lock held, without it, or because the kernel refused. */
export type WaitEnd = boolean | FlockSystemError;

/** A wait in the kernel's queue, on a thread (addon) or child process (flock-command) of its own. */
export interface FlockWait {
  /**
   * Settles when the wait is over: `true` when the lock is held on the descriptor, `false` when it was cancelled
   * and the lock is **not** held. Rejects with {@link FlockSystemError} when the kernel refused.
   * Keeps the process alive until it settles. Until then the descriptor must stay open.
   */
  readonly granted: Promise<boolean>;
  /**
   * The same without a promise, for who counts microseconds: `listener` is called when the wait is over, at once if it is.
   * One listener; it must not throw.
   */
  onEnd(listener: (end: WaitEnd) => void): void;
  /**
   * Asks the wait to stop. `granted` settles soon after, `true` if the grant came first. Idempotent.
   */
  cancel(): void;
  /**
   * Cancels and returns only when the wait is over: whether the lock is held. `granted` follows with the same answer.
   * Undefined where an answer takes a turn of the event loop. Until `granted` settles, only `unlock` gives the lock
   * back: closing the descriptor does not yet.
   */
  readonly cancelSync: (() => boolean) | undefined;
}

/** How a checked wait ended: {@link GrantCheck} bits as an attempt answers them, or the kernel's refusal. */
export type CheckedWaitEnd = number | FlockSystemError;

/** A wait whose grant was checked before anybody heard of it. See {@link PreparedLock.wait}. */
export interface CheckedWait {
  /** Asks the wait to stop. Its end follows soon, and may still be a grant that came first. Idempotent. */
  cancel(): void;
  /** Cancels and returns only when the wait is over: whether the lock is held. The end that follows says the same. */
  cancelSync(): boolean;
}

/** A descriptor with what its grants are checked against. Valid as long as the descriptor stays open. */
export interface PreparedLock {
  /**
   * One non-blocking attempt and its check. The answer is made of {@link GrantCheck} bits: `GrantCheck.ok` (0): held.
   * Any other: not held (given back if it had been granted); `GrantCheck.busy` (32) is set when someone else holds it,
   * beside whatever flaws were seen. Release with {@link FlockBinding.unlock}.
   *
   * Throws FlockSystemError, with the lock not held, when the kernel refused or a path cannot be looked at. As with
   * `tryLock`, an attempt on a descriptor that holds the lock already may lose it.
   */
  attempt(mode: LockMode): number;
  /**
   * Waits as {@link FlockBinding.wait} does, and checks the grant on the waiting thread, so that nothing is left to do
   * when the answer arrives. `ended` is called once, later than this returns, with `GrantCheck.ok`: held;
   * `GrantCheck.busy`: cancelled, not held; flaws: not held, the grant was given back; or an error: not held.
   * It must not throw. Until it was called, the descriptor must stay open; this object need not be kept.
   * Undefined where the binding has no thread to check on.
   */
  readonly wait: ((mode: LockMode, ended: (end: CheckedWaitEnd) => void) => CheckedWait) | undefined;
}

/** One binding of flock(2). All calls take a numeric descriptor from `openSync`, never a FileHandle. */
export interface FlockBinding {
  readonly name: BindingName;
  /** One non-blocking attempt. `false` when someone else holds it. Throws FlockSystemError otherwise. Retries EINTR. */
  tryLock(fd: number, mode: LockMode): boolean;
  /** Gives the lock back. A descriptor without a lock is no error. */
  unlock(fd: number): void;
  /** Whether {@link wait} sits in the kernel's queue. Where false, callers poll. */
  readonly canWait: boolean;
  /** Waits in the kernel's queue without blocking the event loop or libuv's threads. Throws where `canWait` is false. */
  wait(fd: number, mode: LockMode): FlockWait;
  /**
   * Blocks this thread until granted (`true`) or `timeoutMs` passed (`false`; the lock is not held).
   * Undefined where the binding cannot bound a blocking wait.
   */
  readonly waitSync: ((fd: number, mode: LockMode, timeoutMs: number) => boolean) | undefined;
  /**
   * What a grant on `fd` is worth: one native call (or three fs calls) that compares the descriptor with the lock path
   * and looks at the data file beside it. See {@link GrantCheck}.
   */
  checkGrant(fd: number, lockPath: string, dataPath: string): number;
  /**
   * Readies a descriptor for many attempts: remembers which file it is, and the paths its grants are checked against.
   * Takes no lock. Worth it from the second attempt on; with the addon, an attempt is then one native call.
   *
   * @param dataPath - The data file to look at; empty for none.
   * @param ignoredFlaws - Bits of {@link GrantCheck} that do not count and are left out of the answers. Default: none.
   */
  prepare(fd: number, lockPath: string, dataPath: string, ignoredFlaws?: number): PreparedLock;
  /**
   * A lock for one use, in one native call: opens the lock file (created with `fileMode`, no link followed), tries,
   * and checks as {@link PreparedLock.attempt} does. The descriptor, locked; or `undefined`, with nothing held or open,
   * when anything at all was in the way: somebody else, a flaw, an error. The other calls tell what it was.
   * Give the descriptor back to {@link closeLocked} and to nothing else. Undefined where the binding has no such call.
   */
  readonly openLocked:
    | ((
        lockPath: string,
        fileMode: number,
        mode: LockMode,
        dataPath: string,
        ignoredFlaws?: number,
      ) => number | undefined)
    | undefined;
  /**
   * Unlocks and closes a descriptor of {@link openLocked}, in one native call. Throws FlockSystemError when the unlock
   * failed (it is closed all the same) or the descriptor is none of those (it is left alone).
   */
  readonly closeLocked: ((fd: number) => void) | undefined;
  /** OFD byte-range leg (`F_OFD_SETLK` on the whole file) for neighbours that use fcntl locks; undefined where impossible. */
  readonly ofd: { tryLock(fd: number, mode: LockMode): boolean; unlock(fd: number): void } | undefined;
}
