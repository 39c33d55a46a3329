import { longestTimerMs } from "../options.ts";
import type { LeasesDocument } from "./leases-document.ts";

/** Waits for a document to change, or for a time to pass. Keeps the process alive until it is closed. */
export class DocumentChanges {
  readonly #stop = new AbortController();
  readonly #iterator: AsyncIterator<unknown>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#stop.abort();
  #next: Promise<unknown> | undefined;

  constructor(document: LeasesDocument, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#iterator = document.watch({ signal: this.#stop.signal });
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#stop.abort();
  }

  /** Resolves at the next change, after `ms` milliseconds at the latest. @throws what the watch throws; `signal.reason`. */
  async within(ms: number): Promise<void> {
    this.#next ??= this.#iterator.next();
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(Math.max(1, ms), longestTimerMs));
    });
    const changed = this.#next.then(() => void (this.#next = undefined));
    try {
      await Promise.race([changed, passed]);
    } finally {
      clearTimeout(timer);
    }
    this.#signal?.throwIfAborted();
  }

  close(): void {
    this.#next?.catch(ignore);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#stop.abort();
    // A watch that is not being waited for notices the signal only when it is told to end.
    this.#iterator.return?.()?.catch(ignore);
  }
}

function ignore(): void {}
