import type { Store } from "@flockwork/core";
import { PlainQueue, type PlainQueueOptions } from "./plain-queue.ts";
import { Queue } from "./queue.ts";
import type { QueueOptions } from "./queue-options.ts";

/** Opens a queue in the plain format: one file that neighbours read and write themselves. See {@link PlainQueue}. */
export function openQueue<Payload = unknown>(
  store: Store,
  options: PlainQueueOptions<Payload>,
): PlainQueue<Payload>;
/**
 * Opens a queue in two files of a store. Nothing is read or created before it is used.
 *
 * @throws {TypeError | RangeError} naming the option that is wrong. {@link UnsupportedError} `ERR_UNSUPPORTED`: the store has no
 * lock layouts, and so no lock that two logs can share.
 * @example
 * const queue = openQueue<{ url: string }>(fileStore("."));
 * await queue.enqueue({ url: "https://example.org" });
 * const worker = queue.worker(async ({ payload }, { signal }) => void (await fetch(payload.url, { signal })));
 */
export function openQueue<Payload = unknown, Result = unknown>(
  store: Store,
  options?: QueueOptions<Payload>,
): Queue<Payload, Result>;
export function openQueue(
  store: Store,
  options: QueueOptions<unknown> | PlainQueueOptions<unknown> = {},
): Queue | PlainQueue {
  if (options.format === "plain") return new PlainQueue(store, options);
  if (options.format !== undefined && options.format !== "native")
    throw new TypeError(`format must be "native" or "plain", got ${String(options.format)}`);
  return new Queue(store, options);
}
