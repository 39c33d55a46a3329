import type { Store, StoreEntry, StoreLog } from "@flockwork/core";
import { checkPayload } from "./check-payload.ts";
import { checkQueueOptions, type QueueOptions, type QueueSettings } from "./queue-options.ts";

/** How a queue in the plain format is opened. */
export interface PlainQueueOptions<Payload> extends Pick<
  QueueOptions<Payload>,
  "directory" | "schema" | "durability" | "layout"
> {
  readonly format: "plain";
}

/**
 * A queue that is one file, `tasks.jsonl`: one task a line, the first line is the next task, and taking it removes it. For
 * neighbours that read and write the file themselves, under the same lock. Taking a task rewrites the file, in one step: a
 * crash loses no other task, and readers see the file before or after. A task that was taken is nobody's but the taker's: it
 * is lost with it. Use the native format where that matters, and where the queue is long.
 */
export class PlainQueue<Payload = unknown> {
  readonly #log: StoreLog<Payload>;
  readonly #schema: QueueSettings<Payload>["schema"];

  constructor(store: Store, options: PlainQueueOptions<Payload>) {
    const { format: _, ...rest } = options;
    const { directory, durability, layout, schema } = checkQueueOptions<Payload>(rest);
    this.#schema = schema;
    this.#log = store.log<Payload>({
      name: `${directory}/tasks.jsonl`,
      durability,
      layout,
      onCorrupt: "quarantine",
    });
  }

  /** Adds a task at the end. @throws {PayloadInvalidError} nothing was added. What `StoreLog.append` throws. */
  async enqueue(task: Payload): Promise<void> {
    if (this.#schema !== undefined) await checkPayload(this.#schema, task);
    await this.#log.append(task);
  }

  /** Takes the first task; null when there is none. @throws What `StoreLog.rewrite` throws: then the task is still there. */
  async dequeue(): Promise<Payload | null> {
    let first: StoreEntry<Payload> | undefined;
    await this.#log.rewrite((entries) => {
      first = entries[0];
      return entries.slice(1);
    });
    return first === undefined ? null : first.record;
  }

  /** The first task, which stays; null when there is none. Takes no lock. */
  async peek(): Promise<Payload | null> {
    for await (const { record } of this.#log.entries()) return record;
    return null;
  }

  /** How many tasks there are. */
  async length(): Promise<number> {
    let count = 0;
    for await (const _ of this.#log.entries()) count += 1;
    return count;
  }
}
