import type { HeldFrame } from "../lock/held-locks.ts";
import type { LockMode } from "../lock/lock-mode.ts";
import { LockTimeoutError } from "../lock/lock-errors.ts";
import type { MemoryContext } from "./memory-context.ts";
import type { StoreLock, StoreLockHold, StoreLockInspection, StoreLockOptions } from "./store-lock.ts";

/** A lock of a store in memory. */
export class MemoryLockHandle implements StoreLock {
  readonly name: string;
  readonly #context: MemoryContext;

  constructor(context: MemoryContext, name: string) {
    this.name = name;
    this.#context = context;
  }

  withRead<R>(work: (hold: StoreLockHold) => R | Promise<R>, options: StoreLockOptions = {}): Promise<R> {
    return this.#with("shared", work, options);
  }

  withWrite<R>(work: (hold: StoreLockHold) => R | Promise<R>, options: StoreLockOptions = {}): Promise<R> {
    return this.#with("exclusive", work, options);
  }

  acquire(mode: LockMode, options: StoreLockOptions = {}): Promise<StoreLockHold> {
    return this.#run(async () => {
      const { frame, release } = await this.#context.space.cell(this.name).take(mode, options);
      return new MemoryHold(frame, release);
    });
  }

  async tryAcquire(mode: LockMode): Promise<StoreLockHold | undefined> {
    try {
      return await this.acquire(mode, { timeoutMs: 0 });
    } catch (error) {
      if (error instanceof LockTimeoutError) return undefined;
      throw error;
    }
  }

  inspect(): Promise<StoreLockInspection> {
    return this.#run(() => {
      const { mode, waiting } = this.#context.space.cell(this.name).lock;
      return Promise.resolve({ held: mode !== undefined, mode, holders: [], waiting });
    });
  }

  #with<R>(
    mode: LockMode,
    work: (hold: StoreLockHold) => R | Promise<R>,
    options: StoreLockOptions,
  ): Promise<R> {
    const cell = this.#context.space.cell(this.name);
    return this.#run(() => cell.hold(mode, options, (frame) => work(new MemoryHold(frame, () => {}))));
  }

  #run<R>(use: () => Promise<R>): Promise<R> {
    return this.#context.work.run(`lock ${this.name}`, async () => {
      await this.#context.pause();
      this.#context.space.prepareForWriting(this.name, true);
      return await use();
    });
  }
}

class MemoryHold implements StoreLockHold {
  readonly mode: LockMode;
  /** It cannot be lost: this never aborts. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #frame: HeldFrame;
  readonly #release: () => void;

  constructor(frame: HeldFrame, release: () => void) {
    this.mode = frame.mode;
    this.#frame = frame;
    this.#release = release;
  }

  get held(): boolean {
    return this.#frame.active;
  }

  assertHeld(): void {
    if (!this.held)
      throw new TypeError(
        `The lock on ${this.#frame.path} was released before the work it protects was done`,
      );
  }

  release(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
