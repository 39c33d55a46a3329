import { AsyncLocalStorage } from "node:async_hooks";
import { ClosedError } from "../errors.ts";

/** The stores whose work surrounds the running code. */
const around = new AsyncLocalStorage<readonly StoreWork[]>();

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

  /** Runs a call that `close` waits for, and inside which the caller's code may find itself. @throws {ClosedError} it did not begin. */
  run<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    return this.runOurs(attempt, () => around.run([...(around.getStore() ?? []), this], work));
  }

  /** The same for a call that runs none of the caller's code. @throws {ClosedError} it did not begin. */
  async runOurs<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    this.checkOpen(attempt);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#running.add(ended);
    try {
      return await work();
    } finally {
      this.#running.delete(ended);
      resolve();
    }
  }

  /** Ends with the store or with the caller's signal. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.closing : AbortSignal.any([this.closing, signal]);
  }

  /** @throws {TypeError} inside work of the store, which this would wait for. The store stays open. */
  async close(): Promise<void> {
    if (around.getStore()?.includes(this) === true && this.#running.size > 0)
      throw new TypeError("close() was called inside work of the very store, and would wait for it for ever");
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
