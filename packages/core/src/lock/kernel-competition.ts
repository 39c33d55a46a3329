/**
 * Waiting for a busy kernel lock: a second try on the next turn of the event loop, then a place in the kernel's own queue,
 * on a thread that can be called back. Measured against polling, this is what keeps a fair share beside programs that block.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { kernelWaiter, type FlockWait } from "../platform/flock.ts";
import { monotonicMs } from "./clock.ts";
import type { KernelLock } from "./kernel-lock.ts";
import { LockFailedError } from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition } from "./lock-primitive.ts";

/** Threads (or children) of this process that may sit in kernel queues at once; beyond, contested locks are polled. */
const maxKernelWaits = 64;
/** How often a waiting writer looks whether it must close the turnstile itself. */
const announceEveryMs = 20;
/** A child process is dear to start: without the addon, poll this long before. */
const pollsBeforeChild = 4;

let kernelWaits = 0;

export class KernelCompetition implements Competition {
  readonly mode: LockMode;
  readonly outcome: Promise<Attempt>;
  contested = false;
  readonly #lock: KernelLock;
  readonly #dataPath: string;
  #cancelled = false;
  /** A synchronous caller took over: whatever is still under way must leave everything alone. */
  #setAside = false;
  #wait: FlockWait | undefined;
  #atTurnstile = false;
  #closeAbandoned: (() => void) | undefined;
  #pause: { end(): void } | undefined;

  constructor(lock: KernelLock, mode: LockMode, dataPath: string, startAfterMs: number, ended: () => void) {
    this.#lock = lock;
    this.mode = mode;
    this.#dataPath = dataPath;
    this.outcome = this.#run(startAfterMs).finally(ended);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wait?.cancel();
    this.#pause?.end();
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
    } else if (this.#lock.granted) {
      this.#lock.release(monotonicMs()); // granted, but the answer is still on its way
    }
    this.#lock.turnstile.retire();
    this.#setAside = true;
    this.cancel();
    return true;
  }

  async #run(startAfterMs: number): Promise<Attempt> {
    try {
      if (startAfterMs > 0) await this.#sleep(startAfterMs);
      else await nextTurn();
      return await this.#contend();
    } finally {
      this.#closeAbandoned?.();
      if (!this.#setAside) this.#lock.turnstile.retire();
    }
  }

  async #contend(): Promise<Attempt> {
    if (this.mode === "shared" && !(await this.#passTurnstile())) return "busy";
    for (let round = 0; !this.#cancelled; round += 1) {
      const outcome = this.#lock.attempt(this.mode, this.#dataPath);
      if (outcome !== "busy") return outcome;
      this.contested = true;
      if (this.mode === "exclusive") this.#lock.turnstile.announce();
      if (!(await this.#waitOn(this.#lock.fd, round))) continue;
      if (this.#setAside) return "busy"; // the grant is on the descriptor that the synchronous caller uses now
      const accepted = this.#lock.accept(this.mode, this.#dataPath);
      if (accepted !== "busy") return accepted;
      // The kernel's queue has nothing to tell about what else stands in the way (an fcntl lock).
      if (this.#lock.needsPolling) await this.#sleep(Math.min(2 ** Math.min(round, 4), 16));
    }
    return "busy";
  }

  async #passTurnstile(): Promise<boolean> {
    for (let round = 0; !this.#cancelled; round += 1) {
      const fd = this.#lock.turnstile.pass();
      if (fd === undefined) return true;
      this.#atTurnstile = true;
      const passed = await this.#waitOn(fd, round);
      this.#atTurnstile = false;
      if (!passed) continue;
      this.#lock.turnstile.passed();
      return true;
    }
    return false;
  }

  /** Whether the kernel granted the lock on `fd`; false after a pause, a cancel, or when a synchronous caller took over. */
  async #waitOn(fd: number, round: number): Promise<boolean> {
    const waiter = kernelWaiter();
    const polls = waiter === undefined ? Infinity : waiter.name === "addon" ? 0 : pollsBeforeChild;
    if (waiter === undefined || round < polls || kernelWaits >= maxKernelWaits) {
      await this.#sleep(2 ** Math.min(round, 4));
      return false;
    }
    let announcing: NodeJS.Timeout | undefined;
    kernelWaits += 1;
    try {
      this.#wait = waiter.wait(fd, this.mode);
      if (this.mode === "exclusive") {
        announcing = setInterval(() => this.#lock.turnstile.announce(), announceEveryMs).unref();
      }
      const granted = await this.#wait.granted;
      return granted && !this.#setAside;
    } catch (cause) {
      throw new LockFailedError(this.#lock.lockPath, "wait for", cause);
    } finally {
      kernelWaits -= 1;
      this.#wait = undefined;
      clearInterval(announcing);
    }
  }

  #sleep(ms: number): Promise<void> {
    if (this.#cancelled) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pause = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#pause = { end };
    });
  }
}
