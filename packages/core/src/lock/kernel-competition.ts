/**
 * Waiting for a busy kernel lock: a second try on the next turn of the event loop, then a place in the kernel's own queue,
 * on a thread that can be called back. Measured against polling, this is what keeps a fair share beside programs that block.
 *
 * Callbacks instead of promises: every step between the kernel's grant and the caller's code delays all who wait.
 */
import {
  GrantCheck,
  kernelWaiter,
  type CheckedWaitEnd,
  type FlockBinding,
  type FlockWait,
  type WaitEnd,
} from "../platform/flock.ts";
import { startAnnouncing, stopAnnouncing } from "./announcer.ts";
import { monotonicMs } from "./clock.ts";
import type { KernelLock } from "./kernel-lock.ts";
import { LockFailedError } from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Competition, CompetitionEnd } from "./lock-primitive.ts";

/** Threads (or children) of this process that may sit in kernel queues at once; beyond, contested locks are polled. */
const maxKernelWaits = 64;
/** A child process is dear to start: without the addon, poll this long before. */
const pollsBeforeChild = 4;

type KernelWait = Pick<FlockWait, "cancel" | "cancelSync">;

let kernelWaits = 0;

export class KernelCompetition implements Competition {
  readonly mode: LockMode;
  contested = false;
  readonly #lock: KernelLock;
  readonly #dataPath: string;
  readonly #ended: (end: CompetitionEnd) => void;
  #cancelled = false;
  /** A synchronous caller took over: whatever is still under way must leave everything alone. */
  #setAside = false;
  #rounds = 0;
  #wait: KernelWait | undefined;
  /** A reader that has yet to pass, and whether that is what it waits for right now. */
  #passed: boolean;
  #atTurnstile = false;
  #closeAbandoned: (() => void) | undefined;
  #pause: NodeJS.Timeout | NodeJS.Immediate | undefined;

  constructor(
    lock: KernelLock,
    mode: LockMode,
    dataPath: string,
    startAfterMs: number,
    ended: (end: CompetitionEnd) => void,
  ) {
    this.#lock = lock;
    this.mode = mode;
    this.#dataPath = dataPath;
    this.#ended = ended;
    this.#passed = mode === "exclusive";
    lock.competitions += 1;
    if (startAfterMs > 0) this.#contendAfter(startAfterMs);
    else this.#pause = setImmediate(this.#contend);
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#wait?.cancel();
    if (this.#pause === undefined) return;
    this.#endPause();
    this.#pause = setImmediate(this.#contend);
  }

  cancelSync(): boolean {
    if (this.#wait?.cancelSync !== undefined) {
      const held = this.#wait.cancelSync();
      if (held && this.#atTurnstile) this.#lock.turnstile.passed();
      else if (held) this.#lock.release(monotonicMs());
    } else if (this.#wait !== undefined) {
      // Its end takes a turn of the event loop. Where nobody wants it any more, it may end on descriptors of its own.
      if (!this.#cancelled) return false;
      this.#closeAbandoned = this.#lock.abandonDescriptors();
    }
    this.#lock.turnstile.retire();
    this.#setAside = true;
    this.cancel();
    return true;
  }

  /** One round: in at once, or on to the next place to wait. */
  readonly #contend = (): void => {
    this.#pause = undefined;
    if (this.#cancelled) return this.#end("busy");
    try {
      if (!this.#passed) {
        const gate = this.#lock.turnstile.pass();
        this.#passed = gate === undefined;
        if (gate !== undefined) return this.#queue(gate);
      }
      const outcome = this.#lock.attempt(this.mode, this.#dataPath);
      if (outcome !== "busy") return this.#end(outcome);
      this.contested = true;
      if (this.mode === "exclusive") this.#lock.turnstile.announce();
      this.#queue();
    } catch (error) {
      this.#end(error as Error);
    }
  };

  /** Sits in the kernel's queue for the lock, or for its gate, or pauses where it cannot. */
  #queue(gate?: number): void {
    const waiter = kernelWaiter();
    const polls = waiter === undefined ? Infinity : waiter.name === "addon" ? 0 : pollsBeforeChild;
    this.#rounds += 1;
    const avoidsQueue = gate === undefined && this.#lock.neighboursUnlink;
    if (waiter === undefined || this.#rounds <= polls || kernelWaits >= maxKernelWaits || avoidsQueue)
      return this.#contendAfter(this.#pollMs());
    this.#atTurnstile = gate !== undefined;
    try {
      this.#wait =
        gate === undefined ? this.#waitForLock(waiter) : waitOn(waiter, gate, this.mode, this.#waited);
    } catch (cause) {
      throw new LockFailedError(this.#lock.lockPath, "wait for", cause);
    }
    kernelWaits += 1;
    if (this.mode === "exclusive") startAnnouncing(this.#lock.turnstile);
  }

  #waitForLock(waiter: FlockBinding): KernelWait {
    return (
      this.#lock.wait(this.mode, this.#dataPath, this.#waited) ??
      waitOn(waiter, this.#lock.fd, this.mode, this.#waited)
    );
  }

  readonly #waited = (end: WaitEnd | CheckedWaitEnd): void => {
    kernelWaits -= 1;
    this.#wait = undefined;
    if (this.mode === "exclusive") stopAnnouncing(this.#lock.turnstile);
    const passing = this.#atTurnstile;
    this.#atTurnstile = false;
    if (this.#setAside) return this.#end("busy"); // what was granted is the synchronous caller's now
    if (end === false || end === GrantCheck.busy) return this.#contend();
    if (typeof end === "object") return this.#end(new LockFailedError(this.#lock.lockPath, "wait for", end));
    if (passing) {
      this.#lock.turnstile.passed();
      this.#passed = true;
      return this.#contend();
    }
    try {
      const accepted = this.#lock.accept(this.mode, this.#dataPath, end === true ? undefined : end);
      if (accepted !== "busy") return this.#end(accepted);
    } catch (error) {
      return this.#end(error as Error);
    }
    // The kernel's queue has nothing to tell about what else stands in the way (an fcntl lock).
    if (this.#lock.needsPolling) this.#contendAfter(this.#pollMs());
    else this.#contend();
  };

  #pollMs(): number {
    return 2 ** Math.min(Math.max(this.#rounds - 1, 0), 4);
  }

  #contendAfter(ms: number): void {
    this.#pause = setTimeout(this.#contend, ms);
  }

  #endPause(): void {
    clearTimeout(this.#pause as NodeJS.Timeout);
    clearImmediate(this.#pause as NodeJS.Immediate);
    this.#pause = undefined;
  }

  #end(end: CompetitionEnd): void {
    this.#lock.competitions -= 1;
    this.#closeAbandoned?.();
    if (!this.#setAside) this.#lock.turnstile.retire();
    this.#ended(end);
  }
}

function waitOn(waiter: FlockBinding, fd: number, mode: LockMode, ended: (end: WaitEnd) => void): KernelWait {
  const wait = waiter.wait(fd, mode);
  wait.onEnd(ended);
  return wait;
}
