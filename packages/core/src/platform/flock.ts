import {
  FlockUnavailableError,
  GrantCheck,
  loadBinding,
  type BindingName,
  type CheckedWait,
  type CheckedWaitEnd,
  type FlockBinding,
  type FlockWait,
  type LockMode,
  type PreparedLock,
  type WaitEnd,
} from "@flockwork/flock";

export {
  FlockUnavailableError,
  GrantCheck,
  type CheckedWait,
  type CheckedWaitEnd,
  type FlockBinding,
  type FlockWait,
  type LockMode,
  type PreparedLock,
  type WaitEnd,
};

/** The kernel-lock calls core makes, replaceable in tests like the file calls. */
export interface Flock {
  tryLock(fd: number, mode: LockMode): boolean;
  unlock(fd: number): void;
  prepare(fd: number, lockPath: string, dataPath: string, ignoredFlaws: number): PreparedLock;
  attempt(prepared: PreparedLock, mode: LockMode): number;
  /** Undefined where the binding cannot wait and check in one. */
  wait(prepared: PreparedLock, mode: LockMode, ended: (end: CheckedWaitEnd) => void): CheckedWait | undefined;
  checkGrant(fd: number, lockPath: string, dataPath: string): number;
  /** The fcntl lock of the same file. Undefined where the binding has none. */
  tryFcntl(fd: number, mode: LockMode): boolean | undefined;
  unlockFcntl(fd: number): void;
  openLocked(
    lockPath: string,
    fileMode: number,
    mode: LockMode,
    dataPath: string,
    ignoredFlaws: number,
  ): number | undefined;
  closeLocked(fd: number): void;
}

const real: Flock = {
  tryLock: (fd, mode) => current().tryLock(fd, mode),
  unlock: (fd) => current().unlock(fd),
  prepare: (fd, lockPath, dataPath, ignoredFlaws) => current().prepare(fd, lockPath, dataPath, ignoredFlaws),
  attempt: (prepared, mode) => prepared.attempt(mode),
  wait: (prepared, mode, ended) => prepared.wait?.(mode, ended),
  checkGrant: (fd, lockPath, dataPath) => current().checkGrant(fd, lockPath, dataPath),
  tryFcntl: (fd, mode) => current().ofd?.tryLock(fd, mode),
  unlockFcntl: (fd) => current().ofd?.unlock(fd),
  openLocked: (lockPath, fileMode, mode, dataPath, ignoredFlaws) =>
    current().openLocked?.(lockPath, fileMode, mode, dataPath, ignoredFlaws),
  closeLocked: (fd) => current().closeLocked?.(fd),
};

/** The table in use. Call through it. */
export const flock: Flock = { ...real };

/** Replaces some calls, for tests. Returns the function that puts the real ones back. */
export function substituteFlock(substitutes: Partial<Flock>): () => void {
  Object.assign(flock, substitutes);
  return () => {
    Object.assign(flock, real);
  };
}

let binding: FlockBinding | undefined;

/** The binding of flock(2) this process uses, loaded at the first lock. @throws FlockUnavailableError */
export function current(): FlockBinding {
  return (binding ??= loadBinding());
}

/** Something that can sit in the kernel's queue without blocking the event loop: the addon's thread, or a flock(1) child. */
export function kernelWaiter(): FlockBinding | undefined {
  const own = current();
  if (own.canWait) return own;
  return (childWaiter ??= loadChildWaiter());
}

let childWaiter: FlockBinding | undefined;

function loadChildWaiter(): FlockBinding | undefined {
  const name: BindingName = "flock-command";
  try {
    return loadBinding({ binding: name });
  } catch {
    return undefined; // no flock(1) on this machine: polling is what is left
  }
}
