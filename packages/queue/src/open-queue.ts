import type { Store } from "@flockwork/core";
import { Queue } from "./queue.ts";
import type { QueueOptions } from "./queue-options.ts";

/**
 * Opens a queue in two files of a store. Nothing is read or created before it is used.
 *
 * @throws {TypeError | RangeError} naming the option that is wrong.
 * @example
 * const queue = openQueue<{ url: string }>(fileStore("."));
 * await queue.enqueue({ url: "https://example.org" });
 * const worker = queue.worker(async ({ payload }, { signal }) => void (await fetch(payload.url, { signal })));
 */
export function openQueue<Payload = unknown, Result = unknown>(
  store: Store,
  options: QueueOptions<Payload> = {},
): Queue<Payload, Result> {
  return new Queue<Payload, Result>(store, options);
}
