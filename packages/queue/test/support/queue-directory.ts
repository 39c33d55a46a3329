import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore, type Store } from "@flockwork/core";
import { afterEach } from "vitest";
import { openQueue } from "../../src/open-queue.ts";
import type { Queue } from "../../src/queue.ts";
import type { QueueOptions } from "../../src/queue-options.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Runs when the test is over, last one first. */
export function afterwards(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** An empty directory, and a store in it, for one test. */
export function temporaryStore(): { readonly directory: string; readonly store: Store } {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-queue-"));
  afterwards(() => rmSync(directory, { recursive: true, force: true }));
  return { directory, store: fileStore(directory) };
}

/** A queue that is closed with the test. */
export function openTestQueue<Payload = unknown, Result = unknown>(
  store: Store,
  options: QueueOptions<Payload> = {},
): Queue<Payload, Result> {
  const queue = openQueue<Payload, Result>(store, { directory: "queue", durability: "os", ...options });
  afterwards(() => queue.close());
  return queue;
}

/** What lies beside the two files, but for locks: nothing, unless something went wrong. */
export function strayFiles(directory: string): readonly string[] {
  const known = new Set(["tasks.jsonl", "events.jsonl", ".gastown"]);
  return readdirSync(join(directory, "queue")).filter((name) => !known.has(name));
}
