import { defaultTimeoutMs, noteTimeout } from "../lock/adaptive-timeout.ts";
import { LockTimeoutError } from "../lock/lock-errors.ts";
import { holdersOf } from "../lock/lock-holder.ts";
import type { LockPlan } from "../lock/lock-layout.ts";
import { longestTimerMs } from "../options.ts";
import { type Appended, type AppendJob, QueuedJob } from "./append-job.ts";

/** Bytes that may join one batch; a larger job goes alone, so that its failure is its own. */
const largestBatchBytes = 4 << 20;

/** The jobs of one file that wait for its lock, each with its own time limit and signal. */
export class AppendQueue {
  #pending: QueuedJob[] = [];
  readonly #onEmptied: () => void;

  readonly #path: string;
  readonly #plan: LockPlan;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /**
   * @param path - The file, for messages.
   * @param plan - How long to wait where a call does not say, and what to tell those whose time ran out.
   * @param onEmptied - Called when a signal took the last job away.
   */
  constructor(path: string, plan: LockPlan, onEmptied: () => void) {
    this.#path = path;
    this.#plan = plan;
    this.#onEmptied = onEmptied;
  }

  get size(): number {
    return this.#pending.length;
  }

  add(job: AppendJob, resolve: (appended: Appended) => void, reject: (error: unknown) => void): QueuedJob {
    const { signal, timeoutMs = defaultTimeoutMs(this.#plan) } = job.wait;
    const queued = new QueuedJob(job, timeoutMs, resolve, reject);
    if (signal !== undefined) this.#listen(queued, signal);
    this.#pending.push(queued);
    if (queued.deadline < this.#timerAt) this.#arm(queued.deadline);
    else this.#timer?.ref();
    return queued;
  }

  /** One timer for everyone here; it keeps the process alive as long as somebody waits. */
  #arm(deadline: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(
      () => this.#expire(),
      Math.min(Math.max(deadline - performance.now(), 0), longestTimerMs),
    );
  }

  /** Ends the waits whose time is up while this very process keeps the lock busy. */
  #expire(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = performance.now();
    const late = this.#pending.filter(({ deadline }) => deadline <= now);
    this.#pending = this.#pending.filter(({ deadline }) => deadline > now);
    for (const queued of late) {
      queued.detach();
      noteTimeout(this.#plan.legs[0].path, now - queued.enqueuedAt);
      queued.reject(this.#timeout(queued, now));
    }
    const { deadline } = this.bounds();
    if (deadline < Infinity) this.#arm(deadline);
    if (late.length > 0 && this.#pending.length === 0) this.#onEmptied();
  }

  /** Nobody waits: the timer may run on, but for nobody's sake. */
  #settleTimer(): void {
    if (this.#pending.length === 0) this.#timer?.unref();
  }

  #listen(queued: QueuedJob, signal: AbortSignal): void {
    const onAbort = (): void => {
      const at = this.#pending.indexOf(queued);
      if (at === -1) return;
      this.#pending.splice(at, 1);
      queued.reject(signal.reason);
      this.#settleTimer();
      if (this.#pending.length === 0) this.#onEmptied();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    queued.detach = () => signal.removeEventListener("abort", onAbort);
  }

  /** The bounds of one wait on behalf of everyone here: the nearest deadline and the highest priority. */
  bounds(): { readonly deadline: number; readonly priority: number } {
    let deadline = Infinity;
    let priority = -Infinity;
    for (const queued of this.#pending) {
      deadline = Math.min(deadline, queued.deadline);
      priority = Math.max(priority, queued.job.wait.priority ?? 0);
    }
    return { deadline, priority };
  }

  /** The jobs for one hold of the lock. What is taken can no longer be aborted. */
  takeBatch(): QueuedJob[] {
    let bytes = 0;
    let count = 0;
    for (const { job } of this.#pending) {
      bytes += typeof job.content === "function" ? 0 : job.content.length;
      if (count > 0 && bytes > largestBatchBytes) break;
      count += 1;
    }
    const taken = this.#pending.splice(0, count);
    for (const queued of taken) queued.detach();
    this.#settleTimer();
    return taken;
  }

  /** A timeout concerns those whose time is up; any other failure concerns everyone. */
  rejectAfter(error: unknown): void {
    const now = performance.now();
    const timedOut = error instanceof LockTimeoutError;
    const failed = this.#pending.filter((queued) => !timedOut || queued.deadline <= now);
    this.#pending = this.#pending.filter((queued) => !failed.includes(queued));
    for (const queued of failed) {
      queued.detach();
      queued.reject(timedOut ? this.#timeout(queued, now) : error);
    }
    this.#settleTimer();
  }

  #timeout({ timeoutMs, enqueuedAt }: QueuedJob, now: number): LockTimeoutError {
    const { legs, hints } = this.#plan;
    const holder = holdersOf(legs[0].path)[0];
    return new LockTimeoutError({
      path: this.#path,
      mode: "exclusive",
      timeoutMs,
      waitedMs: now - enqueuedAt,
      holder,
      hints,
    });
  }
}
