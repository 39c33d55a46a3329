/**
 * The descriptor a kernel lock is held on, with the check that makes a grant worth something: after it, the descriptor is
 * still the file that the path names, a regular file of ours, and the data file beside it has one name.
 */
import { UnsafePathError } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import {
  flock,
  FlockUnavailableError,
  GrantCheck,
  type CheckedWait,
  type CheckedWaitEnd,
  type PreparedLock,
} from "../platform/flock.ts";
import { LockFailedError, LockUnsupportedError } from "./lock-errors.ts";
import type { FlockLegPlan } from "./lock-layout.ts";
import { lockSettings } from "./lock-settings.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt } from "./lock-primitive.ts";
import { defaultFileMode, openLockFile, type DescriptorPolicy } from "./open-lock-file.ts";
import { hardLinked } from "./resolve-target.ts";

/** What an attempt on one descriptor found; after `replaced` it must be closed and the path opened again. */
export type DescriptorAttempt = Attempt | "replaced";

export class LockDescriptor {
  readonly fd: number;
  readonly #path: string;
  readonly #ignored: number;
  /** Opened for one use: {@link close} unlocks it as well. */
  readonly forOneUse: boolean;
  #prepared: PreparedLock | undefined;
  #preparedFor: string | undefined;

  constructor(fd: number, path: string, policy: DescriptorPolicy, forOneUse = false) {
    this.fd = fd;
    this.forOneUse = forOneUse;
    this.#path = path;
    this.#ignored = ignoredFlaws(policy);
  }

  /** Undefined when the file is missing and the policy does not create. */
  static open(plan: FlockLegPlan, policy: DescriptorPolicy): LockDescriptor | undefined {
    const fd = openLockFile(plan, policy);
    return fd === undefined ? undefined : new LockDescriptor(fd, plan.path, policy);
  }

  /**
   * Opened, locked and sound, in one call of the kernel's binding. Undefined where there is no such call, and where anything
   * was in the way: {@link open} and an attempt tell what. Does not ask what file system it is: {@link open} does.
   */
  static openLocked(
    plan: FlockLegPlan,
    policy: DescriptorPolicy,
    mode: LockMode,
    dataPath: string,
  ): LockDescriptor | undefined {
    let fd: number | undefined;
    try {
      fd = flock.openLocked(
        plan.path,
        plan.fileMode ?? defaultFileMode,
        mode,
        dataPath,
        ignoredFlaws(policy),
      );
    } catch (cause) {
      throw lockingFailure(plan.path, cause);
    }
    return fd === undefined ? undefined : new LockDescriptor(fd, plan.path, policy, true);
  }

  /** One attempt without waiting. Unless it is `granted`, nothing is held. */
  attempt(mode: LockMode, dataPath: string): DescriptorAttempt {
    // Preparing pays where the descriptor is kept for further attempts.
    if (lockSettings().cachedDescriptors === 0) return this.#attemptOnce(mode, dataPath);
    let found: number;
    try {
      found = flock.attempt(this.#prepare(dataPath), mode);
    } catch (cause) {
      throw lockingFailure(this.#path, cause);
    }
    if (found === GrantCheck.ok) return "granted";
    return found === GrantCheck.busy ? "busy" : this.#judge(found & ~GrantCheck.busy, dataPath);
  }

  #attemptOnce(mode: LockMode, dataPath: string): DescriptorAttempt {
    let granted: boolean;
    try {
      granted = flock.tryLock(this.fd, mode);
    } catch (cause) {
      throw lockingFailure(this.#path, cause);
    }
    if (granted) return this.accept(dataPath);
    const found = this.#check(dataPath);
    return found === GrantCheck.ok ? "busy" : this.#judge(found, dataPath);
  }

  /**
   * Sits in the kernel's queue, where the grant is checked as well: its end is for {@link accept}, or says `busy` after a cancel.
   * Undefined where the binding cannot.
   */
  wait(mode: LockMode, dataPath: string, ended: (end: CheckedWaitEnd) => void): CheckedWait | undefined {
    return flock.wait(this.#prepare(dataPath), mode, ended);
  }

  /**
   * The verdict on a grant that came from the kernel's queue. Unless it is `granted`, nothing is held any more.
   * @param checked - What a check in the queue found, which gave a flawed grant back.
   */
  accept(dataPath: string, checked?: number): DescriptorAttempt {
    const found = checked ?? this.#check(dataPath);
    if (found === GrantCheck.ok) return "granted";
    if (checked === undefined) this.giveBack();
    return this.#judge(found, dataPath);
  }

  /** Unlocks what was granted in vain. */
  giveBack(): void {
    try {
      flock.unlock(this.fd);
    } catch (cause) {
      throw new LockFailedError(this.#path, "release", cause);
    }
  }

  /** Whether what is held is still worth what it was when it was granted. */
  isSound(dataPath: string): boolean {
    return this.#check(dataPath) === GrantCheck.ok;
  }

  close(): void {
    this.#prepared = undefined;
    if (this.forOneUse) return flock.closeLocked(this.fd);
    try {
      files.closeSync(this.fd);
    } catch {
      // Nothing is written through it, and the lock is gone with it whatever the system says of the closing.
    }
  }

  #prepare(dataPath: string): PreparedLock {
    if (this.#prepared !== undefined && this.#preparedFor === dataPath) return this.#prepared;
    this.#preparedFor = dataPath;
    return (this.#prepared = flock.prepare(this.fd, this.#path, dataPath, this.#ignored));
  }

  #check(dataPath: string): number {
    try {
      return flock.checkGrant(this.fd, this.#path, dataPath) & ~this.#ignored;
    } catch (cause) {
      throw new LockFailedError(this.#path, "verify lock", cause);
    }
  }

  #judge(flaws: number, dataPath: string): "replaced" | "moved" {
    if ((flaws & GrantCheck.lockReplaced) !== 0) return "replaced";
    if ((flaws & GrantCheck.lockNotRegular) !== 0)
      throw new UnsafePathError(this.#path, "the lock is not a regular file.");
    if ((flaws & GrantCheck.dataHasHardLinks) !== 0) throw hardLinked(dataPath, undefined);
    if ((flaws & GrantCheck.dataIsSymlink) !== 0) return "moved";
    const why = "the lock file belongs to another user; pass allowForeignOwner if that is intended.";
    throw new UnsafePathError(this.#path, why);
  }
}

function ignoredFlaws({ allowForeignOwner }: DescriptorPolicy): number {
  return allowForeignOwner ? GrantCheck.lockForeignOwner : GrantCheck.ok;
}

/** No binding at all is no failure of the file: it says what to install. */
function lockingFailure(path: string, cause: unknown): Error {
  if (cause instanceof FlockUnavailableError)
    return new LockUnsupportedError(path, "flock", cause.message, { cause });
  return new LockFailedError(path, "lock", cause);
}
