import type { Store, StoreLog } from "@flockwork/core";
import { Claim, type ClaimCalls } from "./claim.ts";
import { claimCalls } from "./claim-calls.ts";
import { compactQueue, isWorthCompacting } from "./compact-queue.ts";
import { claimJobs } from "./decide/claim-jobs.ts";
import {
  cancel,
  drain,
  pause,
  redrive,
  schedule,
  setLimits,
  unschedule,
  type PauseScope,
} from "./decide/control-queue.ts";
import { enqueueJobs, type Enqueued } from "./decide/enqueue-job.ts";
import { fireSchedules } from "./decide/fire-schedules.ts";
import { join } from "./decide/join-queue.ts";
import type { Decide } from "./decide/decision.ts";
import { QueueEngine } from "./engine.ts";
import { draftJob, type EnqueueOptions } from "./enqueue-options.ts";
import { JobNotFoundError } from "./errors.ts";
import type { JobEvent, QueueEvent } from "./event.ts";
import { explainJob, type Explanation } from "./explain.ts";
import { isStoredEvent } from "./is-stored-event.ts";
import { unpack } from "./packed-event.ts";
import { toJob, type Job } from "./job.ts";
import { checkLimits, type QueueLimits } from "./limits.ts";
import { checkPayload } from "./check-payload.ts";
import { checkMs, checkQueueOptions, type QueueOptions, type QueueSettings } from "./queue-options.ts";
import { readStream, type StreamedEvent, type StreamOptions } from "./read-stream.ts";
import { checkSchedule, type ScheduleDefinition } from "./schedule-definition.ts";
import type { Entry, JobState } from "./state/entry.ts";
import { statsOf, type QueueStats } from "./stats.ts";
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
export class Queue<Payload = unknown, Result = unknown> implements AsyncDisposable {
  readonly #engine: QueueEngine;
  readonly #settings: QueueSettings<Payload>;
  readonly #files: { readonly tasks: StoreLog<unknown>; readonly events: StoreLog<unknown> };
  readonly #calls: ClaimCalls;
  readonly #workers = new Set<Worker<Payload, Result>>();
  #compacting: Promise<void> | undefined;

  constructor(store: Store, options: QueueOptions<Payload>) {
    const settings = checkQueueOptions(options);
    const { directory, durability, layout, clock, holder } = settings;
    const log = (name: string): StoreLog<unknown> =>
      store.log<unknown>({ name: `${directory}/${name}`, durability, layout, onCorrupt: "quarantine" });
    this.#settings = settings;
    this.#files = { tasks: log("tasks.jsonl"), events: log("events.jsonl") };
    this.#engine = new QueueEngine({ ...this.#files, clock, holder });
    this.#calls = claimCalls({ store, engine: this.#engine, events: this.#files.events, settings });
  }

  /** Who this queue object claims as. */
  get holder(): string {
    return this.#settings.holder;
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
    const { schema, defaults, directory } = this.#settings;
    const drafts = jobs.map(({ payload, ...options }) => draftJob(payload, { ...defaults, ...options }));
    if (schema !== undefined) for (const { payload } of jobs) await checkPayload(schema, payload);
    return await this.#engine.enqueue((decisions) => enqueueJobs(decisions, drafts, directory));
  }

  /** Claims the next jobs, in order of priority, time and arrival, as far as limits allow. Empty when there are none. */
  async claim(options: ClaimOptions = {}): Promise<readonly Claim<Payload, Result>[]> {
    const { limit = 1, capabilities = [], leaseMs = this.#settings.leaseMs } = options;
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RangeError(`limit must be at least 1, got ${String(limit)}`);
    checkMs("leaseMs", leaseMs);
    const { holder, clock } = this.#settings;
    const request = { holder, limit, leaseMs, capabilities: new Set(capabilities) };
    const sentMs = clock.monotonic();
    return await this.#change((decisions) => {
      decisions.tidy(holder);
      if (decisions.state.ready.best(request.capabilities) === undefined) return [];
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
      { queue: this, engine: this.#engine, settings: this.#settings },
      handler,
      options,
    );
    this.#workers.add(worker);
    const forget = (): void => void this.#workers.delete(worker);
    worker.done.then(forget, forget);
    return worker;
  }

  /** The job as it is now. @throws {JobNotFoundError} */
  async get(id: string): Promise<Job<Payload, Result>> {
    return await this.#engine.look(({ jobs }) => {
      const entry = jobs.get(id);
      if (entry === undefined) throw new JobNotFoundError(id, "get");
      return toJob<Payload, Result>(entry);
    });
  }

  /** The jobs in a state, in the order they came. */
  async list(state: JobState): Promise<readonly Job<Payload, Result>[]> {
    const isListed = (entry: Entry): boolean => entry.state === state;
    return await this.#engine.look(({ jobs }) =>
      [...jobs.values()].filter(isListed).map((entry) => toJob<Payload, Result>(entry)),
    );
  }

  /** Jobs that were given up, with their last error, attempts, and when they were first claimed and ended. */
  deadLetters(): Promise<readonly Job<Payload, Result>[]> {
    return this.list("dead");
  }

  /**
   * Gives dead or cancelled jobs a new life, as if they had not been tried. Without ids: every dead letter.
   * @throws {JobNotFoundError | JobStateError | DuplicateJobError} for the first that cannot be; those before it were.
   */
  async redrive(ids?: readonly string[]): Promise<readonly string[]> {
    const chosen = ids ?? (await this.deadLetters()).map(({ id }) => id);
    await Promise.all(chosen.map((id) => this.#change((decisions) => redrive(decisions, id))));
    return chosen;
  }

  /** Ends a job that is not over. A worker that runs it is told with its next renewal. @throws {JobNotFoundError | JobStateError} */
  cancel(id: string, reason?: string): Promise<void> {
    return this.#change((decisions) => cancel(decisions, id, reason));
  }

  /** Suspends claims: of the whole queue, of one limit key, or of one group. Jobs that run go on. */
  pause(scope: PauseScope = {}): Promise<void> {
    return this.#change((decisions) => pause(decisions, scope, true));
  }

  /** Ends a pause of the same scope; of the whole queue, also a draining. */
  resume(scope: PauseScope = {}): Promise<void> {
    return this.#change((decisions) => pause(decisions, scope, false));
  }

  /** Refuses new jobs from now on, in every process, and resolves when no live job is left. `resume` ends it. */
  async drain({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#change(drain);
    const aborted = signal ?? new AbortController().signal;
    for (;;) {
      aborted.throwIfAborted();
      const { counts } = await this.#engine.look((state) => ({ counts: { ...state.counts } }));
      if (counts.waiting + counts.claimed + counts.delayed + counts.blocked === 0) return;
      await this.#engine.doorbell.wait(1_000, aborted);
    }
  }

  /** Sets the limits that every process keeps. What is left out is not limited. */
  async setLimits(limits: QueueLimits): Promise<void> {
    const checked = checkLimits(limits);
    await this.#change((decisions) => setLimits(decisions, checked));
  }

  /** Enqueues a job at every instant of a cron expression, from now on, once whoever runs. A schedule of that name is replaced. */
  async schedule(definition: ScheduleDefinition & { readonly payload: Payload }): Promise<void> {
    const checked = checkSchedule(definition);
    await this.#change((decisions) => schedule(decisions, checked));
  }

  /** Ends a schedule. What it has enqueued stays. */
  unschedule(name: string): Promise<void> {
    return this.#change((decisions) => unschedule(decisions, name));
  }

  /** Enqueues what schedules have due. Workers do it by themselves. */
  tick(): Promise<void> {
    return this.#engine.enqueue(fireSchedules);
  }

  stats(): Promise<QueueStats> {
    return this.#engine.look(statsOf);
  }

  /** Why a job is not running. @throws {JobNotFoundError} */
  explain(id: string): Promise<Explanation<Payload, Result>> {
    return this.#engine.look((state) => explainJob<Payload, Result>(state, id));
  }

  /** Everything that happens to the queue: what is there, then what comes. See {@link StreamedEvent}. */
  events(options: StreamOptions = {}): AsyncIterableIterator<StreamedEvent<Payload>> {
    return readStream<Payload>(this.#files, this.#engine.doorbell, options);
  }

  /** The events of one job, in order. Reads all events. */
  async history(id: string): Promise<readonly JobEvent[]> {
    const found: JobEvent[] = [];
    const take = (event: QueueEvent): void => {
      if (isOf(event, id)) found.push(event);
    };
    for await (const { record } of this.#files.events.entries())
      if (isStoredEvent(record)) unpack(record, take);
    return found;
  }

  /** Drops ended jobs beyond the retention, and their events. It happens by itself when there are enough of them. */
  async compact(): Promise<void> {
    const { retention, clock } = this.#settings;
    this.#compacting ??= compactQueue(this.#engine, retention, () =>
      new Date(clock.now()).toISOString(),
    ).finally(() => {
      this.#compacting = undefined;
    });
    await this.#compacting;
  }

  /** Stops the workers of this object, and waits for what it is doing. The store is not closed. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await this.#engine.doorbell.close();
    await this.#engine.idle();
    await this.#compacting?.catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #change<R>(decide: Decide<R>): Promise<R> {
    const { retention } = this.#settings;
    return await this.#engine.change((decisions) => {
      if (this.#compacting === undefined && isWorthCompacting(decisions.state, retention))
        this.#compactSoon();
      return decide(decisions);
    });
  }

  /** In the background: nobody's call waits for it, and what goes wrong with it goes wrong again for whoever needs the file. */
  #compactSoon(): void {
    this.compact().catch(() => {});
  }
}

function isOf(event: QueueEvent, id: string): event is JobEvent {
  return "job" in event && event.job === id;
}
