import type { Claim } from "./claim.ts";
import { setLimits } from "./decide/control-queue.ts";
import { fireSchedules, nextFiringMs } from "./decide/fire-schedules.ts";
import type { QueueEngine } from "./engine.ts";
import type { Job } from "./job.ts";
import { checkLimits, type RateLimit } from "./limits.ts";
import type { Queue } from "./queue.ts";
import { checkCapabilities, checkDelay, checkMs, type QueueSettings } from "./queue-options.ts";
import type { QueueState } from "./state/queue-state.ts";
import { Run, type RunContext } from "./worker-run.ts";

/** Does the work of a job. What it returns is the job's result; what it throws fails the attempt. */
export type Handler<Payload, Result> = (
  job: Job<Payload, Result>,
  context: RunContext<Payload, Result>,
) => Result | Promise<Result>;

/** How a worker works. */
export interface WorkerOptions {
  /** Jobs at once in this worker. Default 1. */
  readonly concurrency?: number | undefined;
  /** Jobs at once per limit key, in the whole queue: sets the queue's own limit. */
  readonly perKey?: number | undefined;
  /** Claims in some time, in the whole queue: sets the queue's own limit. */
  readonly rateLimit?: RateLimit | undefined;
  /** What this worker can do: jobs that require more are left to others. */
  readonly capabilities?: readonly string[] | undefined;
  /** Milliseconds a claim lasts without being renewed: so long a job waits when its worker hangs. Default: that of the queue. */
  readonly leaseMs?: number | undefined;
  /** Stops the worker, as {@link Worker.stop} without a deadline of its own. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the queue is looked at even if nothing is announced. Default 5 000. */
  readonly pollMs?: number | undefined;
  /** Told of what goes wrong with the queue itself, never of failing handlers. Default: a process warning. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const defaultDeadlineMs = 30_000;

/** How a worker is stopped. */
export interface StopOptions {
  /** Milliseconds for running jobs to end. Then their signals abort and they are given back. Default 30 000; 0: at once. */
  readonly deadlineMs?: number | undefined;
}

interface Parts<Payload, Result> {
  readonly queue: Queue<Payload, Result>;
  readonly engine: QueueEngine;
  readonly settings: QueueSettings<Payload>;
}

/** Claims jobs and runs them. Made by `queue.worker`; it is at work at once. */
export class Worker<Payload = unknown, Result = unknown> implements AsyncDisposable {
  /** Resolves when the worker has stopped. */
  readonly done: Promise<void>;
  readonly #parts: Parts<Payload, Result>;
  readonly #handler: Handler<Payload, Result>;
  readonly #options: WorkerOptions;
  readonly #concurrency: number;
  readonly #capabilities: ReadonlySet<string>;
  readonly #runs = new Set<Run<Payload, Result>>();
  readonly #stopping = new AbortController();
  #wake: (() => void) | undefined;
  readonly #deadline = Promise.withResolvers<void>();
  /** When what is running is given back; undefined while nobody has said. */
  #deadlineAt: number | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;

  constructor(parts: Parts<Payload, Result>, handler: Handler<Payload, Result>, options: WorkerOptions) {
    const { concurrency = 1, capabilities = [], signal, pollMs = 5_000 } = options;
    if (typeof handler !== "function") throw new TypeError("handler must be a function");
    if (!Number.isSafeInteger(concurrency) || concurrency < 1)
      throw new RangeError(`concurrency must be a whole number of at least 1, got ${String(concurrency)}`);
    checkMs("pollMs", pollMs);
    checkLimits({ perKey: options.perKey, rate: options.rateLimit });
    if (options.leaseMs !== undefined) checkMs("leaseMs", options.leaseMs);
    this.#parts = parts;
    this.#handler = handler;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#capabilities = checkCapabilities(capabilities);
    // One listener for all the waits for a free slot: one for each would stay until the worker stops.
    this.#stopping.signal.addEventListener("abort", () => this.#wake?.(), { once: true });
    const stop = (): void => this.#stopping.abort();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
    const leave = parts.engine.doorbell.attend();
    this.done = this.#workUntilStopped(async () => {
      signal?.removeEventListener("abort", stop);
      await leave();
    });
  }

  /** Jobs that are running now. */
  get running(): number {
    return this.#runs.size;
  }

  /**
   * Claims nothing more, and resolves when what is running has ended or was given back. Idempotent; of several deadlines the
   * earliest counts.
   */
  async stop({ deadlineMs = defaultDeadlineMs }: StopOptions = {}): Promise<void> {
    this.#bound(deadlineMs === Infinity ? deadlineMs : checkDelay("deadlineMs", deadlineMs));
    this.#stopping.abort();
    await this.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #workUntilStopped(leave: () => Promise<void>): Promise<void> {
    try {
      await this.#work();
    } finally {
      await leave();
    }
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    let limited = false;
    while (!signal.aborted) {
      try {
        if (!limited) await this.#setLimits();
        limited = true;
        await this.#claimAndRest();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#report(error);
        await this.#parts.engine.doorbell.wait(Math.min(100 * 2 ** failures, 10_000), signal);
      }
    }
    await this.#finish();
  }

  async #claimAndRest(): Promise<void> {
    const { queue, engine } = this.#parts;
    const { doorbell } = engine;
    const free = this.#concurrency - this.#runs.size;
    if (free > 0) {
      const { leaseMs } = this.#options;
      const claims = await queue.claim({ limit: free, leaseMs, capabilities: this.#capabilities });
      for (const claim of claims) this.#start(claim);
      if (claims.length > 0) return;
    }
    while (!this.#stopping.signal.aborted) {
      if (this.#runs.size >= this.#concurrency) return await this.#slotFreed();
      const rung = doorbell.rings;
      const { now, dueMs } = await engine.look((state, upMs) => this.#outlook(state, upMs));
      if (now) return;
      if (dueMs <= 0) await engine.enqueue(fireSchedules);
      else await doorbell.wait(Math.min(dueMs, this.#options.pollMs ?? 5_000), this.#stopping.signal, rung);
    }
  }

  /** Whether there is something to claim now, and how many milliseconds until a schedule, a delay or a lease may change that. */
  #outlook(state: QueueState, upMs: number): { readonly now: boolean; readonly dueMs: number } {
    const closed = state.closedBy();
    const expiredMs = Math.min(
      (state.localLeases.first?.leaseEndsMs ?? Infinity) - upMs,
      (state.foreignLeases.first?.leaseEndsMs ?? Infinity) - state.nowMs,
    );
    const now =
      expiredMs <= 0 || (closed === undefined && state.ready.best(this.#capabilities) !== undefined);
    const timedMs = (state.timers.first?.dueMs ?? Infinity) - state.nowMs;
    const rateMs = closed === "rate" ? (state.rate?.openMs ?? Infinity) - state.nowMs : Infinity;
    // A timer that has come while the queue is closed will not be more due than it is.
    const waitMs = Math.max(1, Math.min(expiredMs, timedMs, rateMs));
    return { now, dueMs: state.draining ? waitMs : Math.min(waitMs, nextFiringMs(state) - state.nowMs) };
  }

  #start(claim: Claim<Payload, Result>): void {
    const { schema } = this.#parts.settings;
    const run = new Run<Payload, Result>(claim, this.#handler, {
      schema,
      onError: (error) => this.#report(error),
    });
    this.#runs.add(run);
    void run.ended.finally(() => {
      this.#runs.delete(run);
      this.#wake?.();
    });
  }

  async #slotFreed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#stopping.signal.aborted) resolve();
    });
    this.#wake = undefined;
  }

  async #finish(): Promise<void> {
    if (this.#deadlineAt === undefined) this.#bound(defaultDeadlineMs);
    const running = Promise.all([...this.#runs].map((run) => run.ended));
    await Promise.race([running, this.#deadline.promise]);
    clearTimeout(this.#deadlineTimer);
    this.#deadlineAt = -Infinity; // nobody need wait any more
    await Promise.all([...this.#runs].map((run) => run.giveBack()));
  }

  #bound(deadlineMs: number): void {
    const at = performance.now() + deadlineMs;
    if (this.#deadlineAt !== undefined && at >= this.#deadlineAt) return;
    this.#deadlineAt = at;
    clearTimeout(this.#deadlineTimer);
    if (at < Infinity)
      this.#deadlineTimer = setTimeout(() => this.#deadline.resolve(), Math.min(deadlineMs, 2 ** 31 - 1));
  }

  async #setLimits(): Promise<void> {
    const { perKey, rateLimit } = this.#options;
    if (perKey === undefined && rateLimit === undefined) return;
    const ours = {
      ...(perKey !== undefined && { perKey }),
      ...(rateLimit !== undefined && { rate: rateLimit }),
    };
    // In one hold of the lock: another worker may be setting the other limit.
    await this.#parts.engine.change((decisions) =>
      setLimits(decisions, checkLimits({ ...decisions.state.limits, ...ours })),
    );
  }

  #report(error: unknown): void {
    const { onError } = this.#options;
    if (onError !== undefined) return onError(error);
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
