import { ClosedError } from "../errors.ts";

/** The calls of a store that are going on, and whether new ones may begin. */
export class StoreWork {
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  /** Aborts when the store is closed: what goes on for ever ends. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** @throws {ClosedError} */
  checkOpen(attempt: string): void {
    if (this.#closing.signal.aborted) throw new ClosedError(attempt);
  }

  /** Runs a call that `close` waits for. @throws {ClosedError} it did not begin. */
  async run<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    this.checkOpen(attempt);
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends with the store or with the caller's signal. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.closing : AbortSignal.any([this.closing, signal]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
