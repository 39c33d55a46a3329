import { createRequire } from "node:module";
import { dirname } from "node:path";

import { checkDescriptor, checkFileMode, checkFlaws, checkTimeout, isExclusive } from "../arguments.ts";
import type {
  CheckedWait,
  CheckedWaitEnd,
  FlockBinding,
  FlockWait,
  LockMode,
  PreparedLock,
} from "../binding.ts";
import { FlockSystemError } from "../errors.ts";
import { GrantCheck } from "../grant-check.ts";
import { PendingWait } from "../pending-wait.ts";

/** Opaque, and freed by the garbage collector. */
type NativePrepared = object;

/** What native/addon.c exports. Results below zero are negated errnos. */
interface NativeFlock {
  readonly tryLock: (fd: number, exclusive: boolean) => number;
  readonly unlock: (fd: number) => number;
  readonly checkGrant: (fd: number, lockPath: string, dataPath: string) => number;
  readonly prepare: (
    fd: number,
    lockPath: string,
    dataPath: string,
    ignoredFlaws: number,
  ) => NativePrepared | number;
  readonly attempt: (prepared: NativePrepared, exclusive: boolean) => number;
  readonly openLocked: (
    fileMode: number,
    lockPath: string,
    dataPath: string,
    exclusive: boolean,
    ignoredFlaws: number,
  ) => number;
  readonly closeLocked: (fd: number) => number;
  readonly waitSync: (fd: number, exclusive: boolean, timeoutMs: number) => number;
  readonly wait: (fd: number, exclusive: boolean, onSettled: (result: number) => void) => number;
  readonly waitChecked: (
    prepared: NativePrepared,
    exclusive: boolean,
    onSettled: (result: number) => void,
  ) => number;
  readonly cancel: (id: number) => boolean;
  readonly cancelNow: (id: number) => number;
  readonly ofdTryLock?: (fd: number, exclusive: boolean) => number;
  readonly ofdUnlock?: (fd: number) => number;
}

/** A signal can land just before the thread falls asleep and be lost; then it is sent again. */
const resendMs = 1;
/** FW_FLAWS_SHIFT of native/flockwork.h. */
const flawsShift = 1;

/** Loads the native addon. Throws where there is no binary for this platform. */
export function loadAddon(): FlockBinding {
  const require = createRequire(import.meta.url);
  const findBinary = require("node-gyp-build") as (packageDirectory: string) => NativeFlock;
  const native = findBinary(dirname(require.resolve("@flockwork/flock/package.json")));
  const { ofdTryLock, ofdUnlock } = native;
  return {
    name: "addon",
    canWait: true,
    tryLock(fd, mode) {
      checkDescriptor(fd);
      return check(native.tryLock(fd, isExclusive(mode)), "lock", fd) === 1;
    },
    unlock(fd) {
      checkDescriptor(fd);
      check(native.unlock(fd), "unlock", fd);
    },
    wait(fd, mode) {
      checkDescriptor(fd);
      return startWait(native, fd, isExclusive(mode));
    },
    waitSync(fd, mode, timeoutMs) {
      checkDescriptor(fd);
      checkTimeout(timeoutMs);
      return check(native.waitSync(fd, isExclusive(mode), timeoutMs), "wait for the lock on", fd) === 1;
    },
    checkGrant(fd, lockPath, dataPath) {
      checkDescriptor(fd);
      return check(native.checkGrant(fd, lockPath, dataPath), "check the grant on", fd);
    },
    prepare(fd, lockPath, dataPath, ignoredFlaws = 0) {
      checkDescriptor(fd);
      checkFlaws(ignoredFlaws);
      const prepared = native.prepare(fd, lockPath, dataPath, ignoredFlaws);
      if (typeof prepared === "number") throw new FlockSystemError("prepare", fd, -prepared);
      return new AddonPreparedLock(native, fd, prepared);
    },
    openLocked(lockPath, fileMode, mode, dataPath, ignoredFlaws = 0) {
      checkFileMode(fileMode);
      checkFlaws(ignoredFlaws);
      const fd = native.openLocked(fileMode, lockPath, dataPath, isExclusive(mode), ignoredFlaws);
      return fd < 0 ? undefined : fd;
    },
    closeLocked(fd) {
      checkDescriptor(fd);
      check(native.closeLocked(fd), "unlock and close", fd);
    },
    ofd:
      ofdTryLock === undefined || ofdUnlock === undefined
        ? undefined
        : {
            tryLock(fd, mode) {
              checkDescriptor(fd);
              return check(ofdTryLock(fd, isExclusive(mode)), "lock the bytes of", fd) === 1;
            },
            unlock(fd) {
              checkDescriptor(fd);
              check(ofdUnlock(fd), "unlock the bytes of", fd);
            },
          },
  };
}

function check(result: number, operation: string, fd: number): number {
  if (result < 0) throw new FlockSystemError(operation, fd, -result);
  return result;
}

const waiting = "wait for the lock on";

function startWait(native: NativeFlock, fd: number, exclusive: boolean): FlockWait {
  const wait = new PendingWait();
  const onSettled = (result: number): void =>
    wait.settle(result < 0 ? new FlockSystemError(waiting, fd, -result) : result === 1);
  const id = check(native.wait(fd, exclusive, onSettled), waiting, fd);
  return wait.face(
    () => cancel(native, id),
    () => (wait.ended ?? native.cancelNow(id) === 1) === true,
  );
}

function cancel(native: NativeFlock, id: number): void {
  if (!native.cancel(id)) setTimeout(cancel, resendMs, native, id).unref();
}

class AddonPreparedLock implements PreparedLock {
  readonly #native: NativeFlock;
  readonly #fd: number;
  readonly #prepared: NativePrepared;

  constructor(native: NativeFlock, fd: number, prepared: NativePrepared) {
    this.#native = native;
    this.#fd = fd;
    this.#prepared = prepared;
  }

  attempt(mode: LockMode): number {
    return check(this.#native.attempt(this.#prepared, isExclusive(mode)), "lock", this.#fd);
  }

  wait(mode: LockMode, ended: (end: CheckedWaitEnd) => void): CheckedWait {
    if (typeof ended !== "function") throw new TypeError(`ended must be a function, got ${typeof ended}`);
    return new AddonCheckedWait(this.#native, this.#fd, this.#prepared, isExclusive(mode), ended);
  }
}

class AddonCheckedWait implements CheckedWait {
  readonly #native: NativeFlock;
  readonly #id: number;
  #granted: boolean | undefined;

  constructor(
    native: NativeFlock,
    fd: number,
    prepared: NativePrepared,
    exclusive: boolean,
    ended: (end: CheckedWaitEnd) => void,
  ) {
    this.#native = native;
    const onSettled = (result: number): void => {
      this.#granted = result === 1;
      if (result === 1) ended(GrantCheck.ok);
      else if (result < 0) ended(new FlockSystemError(waiting, fd, -result));
      else ended(result === 0 ? GrantCheck.busy : result >> flawsShift);
    };
    this.#id = check(native.waitChecked(prepared, exclusive, onSettled), waiting, fd);
  }

  cancel(): void {
    cancel(this.#native, this.#id);
  }

  cancelSync(): boolean {
    return this.#granted ?? this.#native.cancelNow(this.#id) === 1;
  }
}
