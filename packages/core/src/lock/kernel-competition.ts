/**
 * Waiting for a busy kernel lock: a second try on the next turn of the event loop, then a place in the kernel's own queue,
 * on a thread that can be called back. Measured against polling, this is what keeps a fair share beside programs that block.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { monotonicMs } from "./clock.ts";
import { kernelWaiter, type FlockWait } from "../platform/flock.ts";
import type { KernelLock } from "./kernel-lock.ts";
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
  readonly #lock: KernelLock;
  readonly #dataPath: string;
  contested = false;
  #cancelled = false;
  #wait: FlockWait | undefined;
  #timer: { end(): void } | undefined;
  #atTurnstile = false;
  #settledSync: Attempt | undefined;

  constructor(lock: KernelLock, mode: LockMode, dataPath: string, startAfterMs: number, ended: () => void) {
    this.#lock = lock;
    this.mode = mode;
    this.#dataPath = dataPath;
    this.outcome = this.#run(startAfterMs).finally(ended);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wait?.cancel();
    this.#timer?.end();
  }

  cancelSync(): boolean {
    if (this.#wait !== undefined) {
      const held = this.#wait.cancelSync?.();
      if (held === undefined) return false;
      if (held) this.#giveBack();
    }
    this.#settledSync = "busy";
    this.cancel();
    return true;
  }

  async #run(startAfterMs: number): Promise<Attempt> {
    try {
      if (startAfterMs > 0) await this.#pause(startAfterMs);
      else await nextTurn();
      const outcome = await this.#contend();
      return this.#settledSync ?? outcome;
    } finally {
      this.#lock.turnstile.retire();
    }
  }

  async #contend(): Promise<Attempt> {
    if (this.mode === "shared" && !(await this.#passTurnstile())) return "busy";
    for (let round = 0; !this.#cancelled; round += 1) {
      const outcome = this.#lock.attempt(this.mode, this.#dataPath);
      if (outcome !== "busy") return outcome;
      this.contested = true;
      const waited = await this.#waitOn(this.#lock.descriptor, round);
      if (this.#settledSync !== undefined) return "busy";
      if (!waited) continue;
      const accepted = this.#lock.accept(this.mode, this.#dataPath);
      if (accepted === "granted" && this.#cancelled) return accepted;
      if (accepted !== "busy") return accepted;
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
      if (passed && this.#settledSync === undefined) {
        this.#lock.turnstile.passed();
        return true;
      }
    }
    return false;
  }

  /** Whether the kernel granted the lock on `fd`; false after a pause or a cancel. */
  async #waitOn(fd: number, round: number): Promise<boolean> {
    const waiter = kernelWaiter();
    const polls = waiter === undefined ? Infinity : waiter.name === "addon" ? 0 : pollsBeforeChild;
    if (waiter === undefined || round < polls || kernelWaits >= maxKernelWaits) {
      await this.#pause(Math.min(2 ** round, 16));
      return false;
    }
    const announcing = this.mode === "exclusive" ? this.#announce() : undefined;
    kernelWaits += 1;
    this.#wait = waiter.wait(fd, this.mode);
    try {
      return await this.#wait.granted;
    } finally {
      kernelWaits -= 1;
      this.#wait = undefined;
      clearInterval(announcing);
    }
  }

  /** A grant that nobody wants any more. */
  #giveBack(): void {
    if (this.#atTurnstile) this.#lock.turnstile.passed();
    else this.#lock.release(monotonicMs());
  }

  #announce(): NodeJS.Timeout {
    const { turnstile } = this.#lock;
    turnstile.announce();
    return setInterval(() => turnstile.announce(), announceEveryMs).unref();
  }

  #pause(ms: number): Promise<void> {
    if (this.#cancelled) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#timer?.end(), ms);
      this.#timer = {
        end: () => {
          clearTimeout(timer);
          this.#timer = undefined;
          resolve();
        },
      };
    });
  }
}
