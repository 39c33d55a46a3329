/**
 * flock(2) on one lock file, seen from this process: at most one grant at a time, shared by whoever queues behind it.
 *
 * Invariant: a grant counts only if, after it, the descriptor is still the file that the path names. A neighbour that
 * unlinks the file after unlocking would otherwise let two holders in on two inodes.
 */
import { files } from "../platform/file-system.ts";
import { flock, GrantCheck, type CheckedWait, type CheckedWaitEnd } from "../platform/flock.ts";
import { kernelLocksOn } from "../platform/proc-locks.ts";
import { monotonicMs } from "./clock.ts";
import { contendSync } from "./contend-sync.ts";
import { noteClosed, noteOpened, type CachedDescriptor } from "./descriptor-cache.ts";
import { takeFcntl, writePid } from "./grant-extras.ts";
import { KernelCompetition } from "./kernel-competition.ts";
import { LockDescriptor, type DescriptorAttempt } from "./lock-descriptor.ts";
import { LockFailedError, LockUnsupportedError } from "./lock-errors.ts";
import type { FlockLegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, CompetitionEnd, LockPrimitive } from "./lock-primitive.ts";
import { lockSettings } from "./lock-settings.ts";
import type { DescriptorPolicy } from "./open-lock-file.ts";
import { Turnstile } from "./turnstile.ts";

/** A lock file that is replaced this often in a row is being deleted by a program gone wild. */
const attemptLimit = 1_000;

export class KernelLock implements LockPrimitive, CachedDescriptor {
  readonly backend = "flock";
  readonly turnstile: Turnstile;
  lastUsedAt = 0;
  /** Competitions that have not ended: something may still wait on the descriptor. */
  competitions = 0;
  readonly #plan: FlockLegPlan;
  readonly #policy: DescriptorPolicy;
  #open: LockDescriptor | undefined;
  /** It was opened the long way before, which asks what file system it is on. */
  #wellPlaced = false;
  #fcntlHeld = false;
  #granted = false;

  constructor(plan: FlockLegPlan, policy: Omit<DescriptorPolicy, "create">) {
    this.#plan = plan;
    this.#policy = { ...policy, create: true };
    this.turnstile = new Turnstile(plan, this.#policy);
  }

  get provesAlone(): boolean {
    return !this.#policy.allowNetworkFileSystem;
  }

  get lockPath(): string {
    return this.#plan.path;
  }

  /** Held, or waited on: the descriptor must stay. */
  get inUse(): boolean {
    return this.#granted || this.competitions > 0;
  }

  /** The open descriptor's number, for a wait in the kernel's queue. */
  get fd(): number {
    return this.#descriptor().fd;
  }

  tryAcquire(mode: LockMode, dataPath: string): Attempt {
    if (mode === "shared") {
      this.#descriptor(); // what is wrong with the lock is told before its gate is made
      if (this.turnstile.pass() !== undefined) return "busy";
    }
    return this.attempt(mode, dataPath);
  }

  /** An attempt without the turnstile, for one who has passed it. */
  attempt(mode: LockMode, dataPath: string): Attempt {
    if (this.#openForOneUse(mode, dataPath)) return this.#complete(mode);
    for (let round = 0; round < attemptLimit; round += 1) {
      const outcome = this.#attempt(mode, dataPath);
      if (outcome !== "replaced") return outcome === "granted" ? this.#complete(mode) : outcome;
      this.#closeDescriptor();
    }
    const cause = new Error(`the lock file was replaced ${attemptLimit} times in a row`);
    throw new LockFailedError(this.#plan.path, "lock", cause, "Another program keeps deleting it.");
  }

  /**
   * The verdict on a grant that came from the kernel's queue. "busy" means: queue again, on a new descriptor.
   * @param checked - What a check in the queue found, where there was one.
   */
  accept(mode: LockMode, dataPath: string, checked?: number): Attempt {
    if (checked === GrantCheck.ok) return this.#complete(mode);
    let outcome: DescriptorAttempt;
    try {
      outcome = this.#descriptor().accept(dataPath, checked);
    } catch (error) {
      this.#closeAfterFailure();
      throw error;
    }
    if (outcome === "granted") return this.#complete(mode);
    if (outcome !== "replaced") return outcome;
    this.#closeDescriptor();
    return "busy";
  }

  /** Sits in the kernel's queue, where the grant is checked, too. Undefined where the binding cannot. */
  wait(mode: LockMode, dataPath: string, ended: (end: CheckedWaitEnd) => void): CheckedWait | undefined {
    return this.#descriptor().wait(mode, dataPath, ended);
  }

  compete(
    mode: LockMode,
    dataPath: string,
    startAfterMs: number,
    ended: (end: CompetitionEnd) => void,
  ): Competition {
    return new KernelCompetition(this, mode, dataPath, startAfterMs, ended);
  }

  acquireSync(mode: LockMode, dataPath: string, timeoutMs: number): Attempt {
    try {
      return contendSync(this, mode, dataPath, monotonicMs() + timeoutMs);
    } finally {
      this.turnstile.retire();
    }
  }

  release(now: number): void {
    if (this.#open === undefined) return;
    const { fd, forOneUse } = this.#open;
    this.#granted = false;
    this.lastUsedAt = now;
    try {
      if (this.#fcntlHeld) flock.unlockFcntl(fd);
      this.#fcntlHeld = false;
      if (forOneUse) return this.close();
      flock.unlock(fd);
    } catch (cause) {
      this.close(); // closing gives it back however the call above failed
      throw new LockFailedError(this.#plan.path, "release", cause);
    }
    if (lockSettings().cachedDescriptors === 0) this.close();
  }

  mayShare(dataPath: string): boolean {
    return this.turnstile.pass() === undefined && this.stillGranted(dataPath);
  }

  /** Something besides the kernel's queue decides: an fcntl lock that a neighbour may hold. */
  get needsPolling(): boolean {
    return this.#plan.fcntl === true;
  }

  /**
   * Neighbours unlink the lock file right after unlocking it. Whoever sits in the kernel's queue is granted it in that very moment,
   * is checked before the unlink, and has a lock that nobody else will look for; whoever tries now and then rarely hits it.
   */
  get neighboursUnlink(): boolean {
    return this.#plan.contents === "pid";
  }

  hasForeignWaiters(): boolean {
    try {
      const stats = files.statSync(this.#plan.path);
      if (stats === undefined) return false;
      return kernelLocksOn(stats.dev, stats.ino).some(({ waiting, pid }) => waiting && pid !== process.pid);
    } catch {
      return false; // courtesy is no reason to fail
    }
  }

  stillGranted(dataPath: string): boolean {
    return this.#descriptor().isSound(dataPath);
  }

  assertHeld(): void {
    // A kernel lock cannot be lost while its holder lives.
  }

  onLost(): void {
    // Never happens.
  }

  /** Goes on with new descriptors and leaves the open ones, on which something still waits, to whoever closes them later. */
  abandonDescriptors(): () => void {
    const abandoned = [this.turnstile.abandon(), this.#open];
    this.#open = undefined;
    this.#granted = false;
    this.#fcntlHeld = false;
    noteClosed(this);
    return () => {
      for (const descriptor of abandoned) descriptor?.close();
    };
  }

  close(): void {
    this.turnstile.close();
    this.#closeDescriptor();
  }

  #closeDescriptor(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#fcntlHeld = false;
    noteClosed(this);
    open.close();
  }

  /** The gate goes too, which nobody would close any more, unless somebody waits at it. */
  #closeAfterFailure(): void {
    if (this.competitions === 0) this.turnstile.close();
    this.#closeDescriptor();
  }

  /** What was wrong with the file may be mended before the next attempt, which must not see it through an old descriptor. */
  #attempt(mode: LockMode, dataPath: string): DescriptorAttempt {
    try {
      return this.#descriptor().attempt(mode, dataPath);
    } catch (error) {
      this.#closeAfterFailure();
      throw error;
    }
  }

  /** What must follow the grant before anyone may rely on it. */
  #complete(mode: LockMode): Attempt {
    try {
      if (this.#plan.fcntl === true && !(this.#fcntlHeld = takeFcntl(this.#plan.path, this.fd, mode))) {
        this.#descriptor().giveBack();
        return "busy";
      }
      if (this.#plan.contents === "pid" && mode === "exclusive") writePid(this.#plan.path, this.fd);
    } catch (error) {
      this.#closeAfterFailure(); // gives back whatever was taken
      throw error;
    }
    this.#granted = true;
    return "granted";
  }

  #descriptor(): LockDescriptor {
    if (this.#open !== undefined) return this.#open;
    const open = LockDescriptor.open(this.#plan, this.#policy);
    if (open === undefined)
      throw new LockUnsupportedError(this.#plan.path, "flock", "the lock file is missing.");
    this.#open = open;
    this.#wellPlaced = true;
    noteOpened(this);
    return open;
  }

  /** True when the descriptor is open and the lock held on it; by a shortcut for descriptors that are not kept. */
  #openForOneUse(mode: LockMode, dataPath: string): boolean {
    if (this.#open !== undefined || !this.#wellPlaced || lockSettings().cachedDescriptors > 0) return false;
    this.#open = LockDescriptor.openLocked(this.#plan, this.#policy, mode, dataPath);
    return this.#open !== undefined;
  }
}
