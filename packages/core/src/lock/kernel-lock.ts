/**
 * flock(2) on one lock file, seen from this process: at most one grant at a time, shared by whoever queues behind it.
 *
 * Invariant: a grant counts only if, after it, the descriptor is still the file that the path names. A neighbour that
 * unlinks the file after unlocking would otherwise let two holders in on two inodes.
 */
import { osCodeOf } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import { current, flock } from "../platform/flock.ts";
import { monotonicMs } from "./clock.ts";
import { noteClosed, noteOpened, type CachedDescriptor } from "./descriptor-cache.ts";
import { KernelCompetition } from "./kernel-competition.ts";
import {
  attemptLimit,
  attemptOn,
  openLockFile,
  tooManyReplacements,
  verdictOn,
  type DescriptorPolicy,
} from "./lock-descriptor.ts";
import { LockFailedError, LockUnsupportedError } from "./lock-errors.ts";
import type { FlockLegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, LockPrimitive } from "./lock-primitive.ts";
import { lockSettings } from "./lock-settings.ts";
import { sleepSync } from "./sleep-sync.ts";
import { Turnstile } from "./turnstile.ts";

export class KernelLock implements LockPrimitive, CachedDescriptor {
  readonly turnstile: Turnstile;
  lastUsedAt = 0;
  readonly #plan: FlockLegPlan;
  readonly #policy: DescriptorPolicy;
  #fd: number | undefined;
  #fcntlHeld = false;
  #granted = false;
  #competitions = 0;

  constructor(plan: FlockLegPlan, policy: Omit<DescriptorPolicy, "create">) {
    this.#plan = plan;
    this.#policy = { ...policy, create: true };
    this.turnstile = new Turnstile(plan, this.#policy);
  }

  get lockPath(): string {
    return this.#plan.path;
  }

  /** Held, or waited on: the descriptor must stay. */
  get inUse(): boolean {
    return this.#granted || this.#competitions > 0;
  }

  /** The open descriptor, for a wait in the kernel's queue. */
  get descriptor(): number {
    return (this.#fd ??= this.#open());
  }

  tryAcquire(mode: LockMode, dataPath: string): Attempt {
    if (mode === "shared" && this.turnstile.pass() !== undefined) return "busy";
    return this.attempt(mode, dataPath);
  }

  /** An attempt without the turnstile, for one who has passed it. */
  attempt(mode: LockMode, dataPath: string): Attempt {
    for (let round = 0; round < attemptLimit; round += 1) {
      const outcome = attemptOn(this.descriptor, this.#plan.path, mode, dataPath, this.#policy);
      if (outcome !== "replaced") return outcome === "granted" ? this.#complete(mode) : outcome;
      this.#closeDescriptor();
    }
    throw tooManyReplacements(this.#plan.path);
  }

  /** The verdict on a grant that came from the kernel's queue. "busy" means: queue again, on a new descriptor. */
  accept(mode: LockMode, dataPath: string): Attempt {
    const outcome = verdictOn(this.descriptor, this.#plan.path, true, dataPath, this.#policy);
    if (outcome === "granted") return this.#complete(mode);
    if (outcome !== "replaced") return outcome;
    this.#closeDescriptor();
    return "busy";
  }

  compete(mode: LockMode, dataPath: string, startAfterMs: number): Competition {
    this.#competitions += 1;
    return new KernelCompetition(this, mode, dataPath, startAfterMs, () => (this.#competitions -= 1));
  }

  acquireSync(mode: LockMode, dataPath: string, timeoutMs: number): Attempt {
    const deadlineAt = monotonicMs() + timeoutMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 8)) {
      const outcome = this.tryAcquire(mode, dataPath);
      if (outcome !== "busy") return this.#leave(outcome);
      const leftMs = deadlineAt - monotonicMs();
      if (leftMs <= 0) return this.#leave("busy");
      if (mode === "exclusive") this.turnstile.announce();
      // After some 20 ms of polling, sit in the kernel's queue, in slices that let the turnstile be looked at again.
      const { waitSync } = current();
      if (pauseMs < 8 || waitSync === undefined || mode === "shared") {
        sleepSync(Math.min(pauseMs, leftMs));
        continue;
      }
      if (!waitSync(this.descriptor, mode, Math.min(leftMs, 100))) continue;
      const accepted = this.accept(mode, dataPath);
      if (accepted !== "busy") return this.#leave(accepted);
    }
  }

  release(now: number): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    if (this.#fcntlHeld) {
      this.#fcntlHeld = false;
      current().ofd?.unlock(fd);
    }
    flock.unlock(fd);
    this.lastUsedAt = now;
    this.#granted = false;
    if (lockSettings().cachedDescriptors === 0) this.close();
  }

  assertHeld(): void {
    // A kernel lock cannot be lost while its holder lives.
  }

  onLost(): void {
    // Never happens.
  }

  close(): void {
    this.turnstile.close();
    this.#closeDescriptor();
  }

  #closeDescriptor(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#fd = undefined;
    noteClosed(this);
    files.closeSync(fd);
  }

  /** What must follow the grant before anyone may rely on it. */
  #complete(mode: LockMode): Attempt {
    this.#granted = true;
    if (this.#plan.fcntl === true && !this.#takeFcntl(mode)) return "busy";
    if (this.#plan.contents === "pid" && mode === "exclusive") this.#writePid();
    return "granted";
  }

  #takeFcntl(mode: LockMode): boolean {
    const { ofd } = current();
    if (ofd === undefined) return true; // neighbours that use fcntl are from before 2026; flock users are excluded all the same
    this.#fcntlHeld = ofd.tryLock(this.descriptor, mode);
    if (!this.#fcntlHeld) flock.unlock(this.descriptor);
    return this.#fcntlHeld;
  }

  #writePid(): void {
    const fd = this.descriptor;
    try {
      const text = Buffer.from(`${process.pid}\n`);
      files.ftruncateSync(fd, 0);
      files.writeSync(fd, text, 0, text.length, 0);
    } catch (cause) {
      if (["EBADF", "EINVAL", "EROFS"].includes(osCodeOf(cause) ?? "")) return; // a lock we may only read is held all the same
      flock.unlock(fd);
      throw new LockFailedError(this.#plan.path, "write the pid into", cause);
    }
  }

  #leave(outcome: Attempt): Attempt {
    this.turnstile.retire();
    return outcome;
  }

  #open(): number {
    const fd = openLockFile(this.#plan, this.#policy);
    if (fd === undefined)
      throw new LockUnsupportedError(this.#plan.path, "flock", "the lock file is missing.");
    noteOpened(this);
    return fd;
  }
}
