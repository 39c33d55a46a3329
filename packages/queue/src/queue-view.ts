import { UnsupportedError, type Store, type StoreLog } from "@flockwork/core";
import { QueueEngine } from "./engine.ts";
import { JobNotFoundError } from "./errors.ts";
import type { JobEvent, QueueEvent } from "./event.ts";
import { explainJob, type Explanation } from "./explain.ts";
import { isStoredEvent } from "./is-stored-event.ts";
import { toJob, type Job } from "./job.ts";
import { unpack } from "./packed-event.ts";
import { checkQueueOptions, type QueueOptions, type QueueSettings } from "./queue-options.ts";
import { readStream, type StreamedEvent, type StreamOptions } from "./read-stream.ts";
import type { Entry, JobState } from "./state/entry.ts";
import { statsOf, type QueueStats } from "./stats.ts";

/** What can be seen of a queue, without a lock. What this process is just writing may show before it is acknowledged. */
export class QueueView<Payload, Result> {
  /** @internal */
  protected readonly engine: QueueEngine;
  /** @internal */
  protected readonly settings: QueueSettings<Payload>;
  /** @internal */
  protected readonly files: { readonly tasks: StoreLog<unknown>; readonly events: StoreLog<unknown> };

  constructor(store: Store, options: QueueOptions<Payload>) {
    const settings = checkQueueOptions(options);
    if (!store.capabilities.layouts)
      throw new UnsupportedError(
        "A queue in this store",
        "its two logs need one lock, which only a store with lock layouts gives",
      );
    const { directory, durability, layout, clock } = settings;
    const log = (name: string): StoreLog<unknown> =>
      store.log<unknown>({ name: `${directory}/${name}`, durability, layout, onCorrupt: "quarantine" });
    this.settings = settings;
    this.files = { tasks: log("tasks.jsonl"), events: log("events.jsonl") };
    this.engine = new QueueEngine({ store, ...this.files, clock });
  }

  /** The job as it is now. @throws {JobNotFoundError} */
  async get(id: string): Promise<Job<Payload, Result>> {
    return await this.engine.look(({ jobs }) => {
      const entry = jobs.get(id);
      if (entry === undefined) throw new JobNotFoundError(id, "get");
      return toJob<Payload, Result>(entry);
    });
  }

  /** The jobs in a state, in the order they came. */
  async list(state: JobState): Promise<readonly Job<Payload, Result>[]> {
    const isListed = (entry: Entry): boolean => entry.state === state;
    return await this.engine.look(({ jobs, counts }) => {
      if (!Object.hasOwn(counts, state))
        throw new TypeError(`state must be one of ${Object.keys(counts).join(", ")}, got ${String(state)}`);
      return [...jobs.values()].filter(isListed).map((entry) => toJob<Payload, Result>(entry));
    });
  }

  /** Jobs that were given up, with their last error, attempts, and when they were first claimed and ended. */
  deadLetters(): Promise<readonly Job<Payload, Result>[]> {
    return this.list("dead");
  }

  stats(): Promise<QueueStats> {
    return this.engine.look(statsOf);
  }

  /** Why a job is not running. @throws {JobNotFoundError} */
  explain(id: string): Promise<Explanation<Payload, Result>> {
    return this.engine.look((state, upMs) => explainJob<Payload, Result>(state, id, upMs));
  }

  /** Everything that happens to the queue: what is there, then what comes, until the queue is closed. See {@link StreamedEvent}. */
  events(options: StreamOptions = {}): AsyncIterableIterator<StreamedEvent<Payload>> {
    return readStream<Payload>(this.files, this.engine.doorbell, options);
  }

  /** The events of one job, in order. Reads all events. */
  async history(id: string): Promise<readonly JobEvent[]> {
    const found: JobEvent[] = [];
    const take = (event: QueueEvent): void => {
      if (isOf(event, id)) found.push(event);
    };
    for await (const { record } of this.files.events.entries())
      if (isStoredEvent(record)) unpack(record, take);
    return found;
  }
}

function isOf(event: QueueEvent, id: string): event is JobEvent {
  return "job" in event && event.job === id;
}
