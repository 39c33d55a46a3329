import type { LockMode } from "../lock/lock-mode.ts";
import { LockTimeoutError } from "../lock/lock-errors.ts";
import { environmentTimeoutMs } from "../options.ts";
import type { StoreLockOptions } from "./store-lock.ts";

interface Waiter {
  readonly mode: LockMode;
  readonly priority: number;
  /** How many that came later were served before it. */
  passed: number;
  readonly grant: () => void;
}

/** What ends the waits of a store in memory. */
export interface MemoryClock {
  /** Calls `run` when so many milliseconds have passed, unless the function it returns is called before. */
  after(ms: number, run: () => void): () => void;
}

/** No waiter is passed more often. */
const mostPasses = 64;

/** A lock in memory: readers share it, writers have it alone, and those who wait are served by priority, then in order. */
export class MemoryLock {
  readonly #name: string;
  readonly #clock: MemoryClock;
  #readers = 0;
  #writer = false;
  #waiting: Waiter[] = [];

  constructor(name: string, clock: MemoryClock) {
    this.#name = name;
    this.#clock = clock;
  }

  get mode(): LockMode | undefined {
    return this.#writer ? "exclusive" : this.#readers > 0 ? "shared" : undefined;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves, once it is held, to the function that gives it back. */
  async acquire(mode: LockMode, options: StoreLockOptions): Promise<() => void> {
    const { priority = 0, signal, timeoutMs = environmentTimeoutMs() } = options;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { mode, priority, passed: 0, grant: resolve };
    this.#waiting.push(waiter);
    this.#serve();
    if (!this.#waiting.includes(waiter)) return this.#release(mode);
    const giveUp = (error: unknown): void => {
      const at = this.#waiting.indexOf(waiter);
      if (at === -1) return; // granted just before
      this.#waiting.splice(at, 1);
      this.#serve();
      reject(error);
    };
    const expire = (): void => {
      const waited = { path: this.#name, mode, timeoutMs, waitedMs: timeoutMs, holder: undefined };
      giveUp(new LockTimeoutError(waited));
    };
    const abort = (): void => giveUp(signal?.reason);
    const stopClock =
      timeoutMs > 0 && timeoutMs < Infinity ? this.#clock.after(timeoutMs, expire) : undefined;
    signal?.addEventListener("abort", abort, { once: true });
    if (timeoutMs === 0) expire();
    try {
      await promise;
      return this.#release(mode);
    } finally {
      stopClock?.();
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The function that gives back what was granted, once. */
  #release(mode: LockMode): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (mode === "exclusive") this.#writer = false;
      else this.#readers -= 1;
      this.#serve();
    };
  }

  #serve(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#writer || (next.mode === "exclusive" && this.#readers > 0)) return;
      const at = this.#waiting.indexOf(next);
      this.#waiting.splice(at, 1);
      for (const earlier of this.#waiting.slice(0, at)) earlier.passed += 1;
      if (next.mode === "exclusive") this.#writer = true;
      else this.#readers += 1;
      next.grant();
    }
  }

  /** Whoever was passed often enough; else the highest priority; else who came first. */
  #next(): Waiter | undefined {
    const starved = this.#waiting.find(({ passed }) => passed >= mostPasses);
    if (starved !== undefined) return starved;
    const highest = Math.max(...this.#waiting.map(({ priority }) => priority));
    return this.#waiting.find(({ priority }) => priority === highest);
  }
}
