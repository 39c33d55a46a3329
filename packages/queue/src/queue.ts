import { hasNextFencingToken, type Store } from "@flockwork/core";
import { checkPayload } from "./check-payload.ts";
import { claimCalls } from "./claim-calls.ts";
import { Claim, type ClaimCalls } from "./claim.ts";
import { checkTokens, claimJobs } from "./decide/claim-jobs.ts";
import type { Decide } from "./decide/decision.ts";
import { enqueueJobs, type Enqueued } from "./decide/enqueue-job.ts";
import { join } from "./decide/join-queue.ts";
import { draftJob, type EnqueueOptions } from "./enqueue-options.ts";
import { toJob } from "./job.ts";
import { QueueControl } from "./queue-control.ts";
import { checkCapabilities, checkMs, type QueueOptions } from "./queue-options.ts";
import { Worker, type Handler, type WorkerOptions } from "./worker.ts";

/** What a claim asks for. */
export interface ClaimOptions {
  /** How many jobs at most. Default 1. */
  readonly limit?: number | undefined;
  /** Milliseconds each claim lasts unless it is extended. Default: that of the queue. */
  readonly leaseMs?: number | undefined;
  /** What the claimer can do: jobs that require more are passed over. Default nothing. */
  readonly capabilities?: Iterable<string> | undefined;
}

/** A job of {@link Queue.enqueueMany}. */
export interface NewJob<Payload> extends EnqueueOptions {
  readonly payload: Payload;
}

const mostJobs = 10_000;

/**
 * A queue of jobs in two files that many processes share, without a server. Make it with {@link openQueue}.
 *
 * A claim is made exactly once; a job runs at least once, since whoever runs it may die; its effect happens exactly once when
 * it is a change of the same store, made by {@link Claim.completeWith}. A call that throws has changed nothing, unless it is a
 * `CommitUncertainError`. Concurrent calls share one hold of the lock, one write and one fsync.
 */
export class Queue<Payload = unknown, Result = unknown>
  extends QueueControl<Payload, Result>
  implements AsyncDisposable
{
  readonly #calls: ClaimCalls;
  readonly #workers = new Set<Worker<Payload, Result>>();

  constructor(store: Store, options: QueueOptions<Payload>) {
    super(store, options);
    const { engine, files, settings } = this;
    this.#calls = claimCalls({ store, engine, events: files.events, settings });
  }

  /** Who this queue object claims as. */
  get holder(): string {
    return this.settings.holder;
  }

  /**
   * Enqueues a job.
   * @throws {PayloadInvalidError | DuplicateJobError | QueueDrainingError | JobNotFoundError | RecordInvalidError} nothing was
   * enqueued. What `StoreLog.append` throws.
   */
  async enqueue(payload: Payload, options: EnqueueOptions = {}): Promise<Enqueued> {
    const [enqueued] = await this.enqueueMany([{ ...options, payload }]);
    return enqueued as Enqueued;
  }

  /** Enqueues up to 10 000 jobs in one step, all or none. A job may depend on those before it. Throws as {@link enqueue}. */
  async enqueueMany(jobs: readonly NewJob<Payload>[]): Promise<readonly Enqueued[]> {
    if (!Array.isArray(jobs)) throw new TypeError("jobs must be an array");
    if (jobs.length > mostJobs)
      throw new RangeError(`At most ${mostJobs} jobs can be enqueued at once, got ${jobs.length}`);
    const { schema, defaults, directory } = this.settings;
    const drafts = jobs.map(({ payload, ...options }) => draftJob(payload, { ...defaults, ...options }));
    if (schema !== undefined) for (const { payload } of jobs) await checkPayload(schema, payload);
    const decide: Decide<readonly Enqueued[]> = (decisions) => enqueueJobs(decisions, drafts, directory);
    return await (jobs.length > 1 ? this.engine.enqueueTogether(decide) : this.engine.enqueue(decide));
  }

  /** Claims the next jobs, in order of priority, time and arrival, as far as limits allow. Empty when there are none. */
  async claim(options: ClaimOptions = {}): Promise<readonly Claim<Payload, Result>[]> {
    const { limit = 1, capabilities = [], leaseMs = this.settings.leaseMs } = options;
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RangeError(`limit must be at least 1, got ${String(limit)}`);
    checkMs("leaseMs", leaseMs);
    const { holder, clock, directory } = this.settings;
    const request = { holder, limit, leaseMs, capabilities: checkCapabilities(capabilities) };
    const sentMs = clock.monotonic();
    return await this.change((decisions) => {
      const { state } = decisions;
      const hasWork = (): boolean => state.ready.best(request.capabilities) !== undefined;
      if (hasWork()) checkTokens(decisions, directory); // what is refused has tidied nothing
      decisions.tidy();
      if (!hasWork() || !hasNextFencingToken(state.lastToken)) return [];
      join(decisions, holder, clock);
      const claimed = claimJobs(decisions, request);
      return claimed.map(
        (entry) => new Claim<Payload, Result>(toJob(entry), this.#calls, { leaseMs, sentMs }),
      );
    });
  }

  /**
   * Runs jobs until it is stopped. Each run extends its claim by itself; when the claim is lost its signal aborts, and what it
   * returns is dropped.
   * @example
   * const worker = queue.worker(async (job, { signal }) => await render(job.payload, signal), { concurrency: 4 });
   * process.once("SIGTERM", () => void worker.stop({ deadlineMs: 10_000 }));
   */
  worker(handler: Handler<Payload, Result>, options: WorkerOptions = {}): Worker<Payload, Result> {
    const worker = new Worker<Payload, Result>(
      { queue: this, engine: this.engine, settings: this.settings },
      handler,
      options,
    );
    this.#workers.add(worker);
    const forget = (): void => void this.#workers.delete(worker);
    worker.done.then(forget, forget);
    return worker;
  }

  /** Stops the workers of this object, and waits for what it is doing. The store is not closed. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await this.engine.doorbell.close();
    await this.settled();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
