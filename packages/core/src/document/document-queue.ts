import { longestTimerMs } from "../options.ts";
import { noteTimeout } from "../lock/adaptive-timeout.ts";
import { LockTimeoutError } from "../lock/lock-errors.ts";
import { holdersOf } from "../lock/lock-holder.ts";
import type { LockPlan } from "../lock/lock-layout.ts";
import type { DocumentJob, JobReceipt, JobWait } from "./document-job.ts";

/** A job that waits, settled exactly once. */
export interface QueuedJob {
  readonly job: DocumentJob;
  readonly priority: number;
  readonly resolve: (receipt: JobReceipt) => void;
  readonly reject: (error: unknown) => void;
  /**
   * Its turn has come: from now on neither its signal nor its time limit ends it. False when one of them did already.
   */
  begin(): boolean;
}

/** The jobs of one document that wait for its lock, each with its own time limit and signal. */
export class DocumentQueue {
  readonly #path: string;
  readonly #plan: LockPlan;
  readonly #onEmptied: () => void;
  #pending: QueuedJob[] = [];

  /** @param onEmptied - Called when time or a signal took the last job away. */
  constructor(path: string, plan: LockPlan, onEmptied: () => void) {
    this.#path = path;
    this.#plan = plan;
    this.#onEmptied = onEmptied;
  }

  get size(): number {
    return this.#pending.length;
  }

  /** The highest priority of those who wait. */
  get priority(): number {
    return this.#pending.reduce((highest, { priority }) => Math.max(highest, priority), -Infinity);
  }

  /** Settles with what became of the job. The signal is not aborted yet. */
  add(job: DocumentJob, wait: JobWait & { readonly timeoutMs: number }): Promise<JobReceipt> {
    return new Promise((resolve, reject) => {
      const ended = this.#endings(wait, (error) => {
        this.#remove(queued);
        reject(error);
      });
      const queued: QueuedJob = { job, priority: wait.priority ?? 0, resolve, reject, begin: ended };
      this.#pending.push(queued);
    });
  }

  /** Everyone who waits, the highest priority first and otherwise in the order they came. */
  takeAll(): QueuedJob[] {
    const taken = this.#pending;
    this.#pending = [];
    return taken.some(({ priority }) => priority !== taken[0]?.priority)
      ? taken.sort((a, b) => b.priority - a.priority)
      : taken;
  }

  /** Listens to what may end a wait. Returns the function that stops listening and tells whether nothing had ended it. */
  #endings(wait: JobWait & { readonly timeoutMs: number }, end: (error: unknown) => void): () => boolean {
    const { signal, timeoutMs } = wait;
    const enqueuedAt = performance.now();
    let waiting = true;
    const finish = (): boolean => {
      const before = waiting;
      waiting = false;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      return before;
    };
    const onAbort = (): void => {
      if (finish()) end(signal?.reason);
    };
    const onTimeout = (): void => {
      if (finish()) end(this.#timeout(timeoutMs, performance.now() - enqueuedAt));
    };
    // Longer than a timer can run is as good as for ever.
    const timer = timeoutMs <= longestTimerMs ? setTimeout(onTimeout, timeoutMs) : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    return finish;
  }

  #remove(queued: QueuedJob): void {
    const at = this.#pending.indexOf(queued);
    if (at === -1) return;
    this.#pending.splice(at, 1);
    if (this.#pending.length === 0) this.#onEmptied();
  }

  #timeout(timeoutMs: number, waitedMs: number): LockTimeoutError {
    const { legs, hints } = this.#plan;
    const holder = holdersOf(legs[0].path)[0];
    noteTimeout(legs[0].path, waitedMs);
    return new LockTimeoutError({ path: this.#path, mode: "exclusive", timeoutMs, waitedMs, holder, hints });
  }
}
