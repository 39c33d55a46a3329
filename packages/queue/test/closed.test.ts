import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { openQueue } from "@flockwork/queue";

it("ends a stream of events when its queue is closed", async () => {
  const root = await mkdtemp(join(tmpdir(), "flockwork-queue-"));
  const queue = openQueue<{ n: number }>(fileStore(root), { durability: "os" });
  await queue.enqueue({ n: 1 });
  const seen: string[] = [];
  for await (const { event } of queue.events()) {
    seen.push(event.type);
    if (seen.length === 1) setImmediate(() => void queue.close());
  }
  for await (const { event } of queue.events()) seen.push(event.type);
  expect(seen).toEqual(["enqueued", "enqueued"]);
});
