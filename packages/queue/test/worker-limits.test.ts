import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, it, vi } from "vitest";
import { openQueue } from "@flockwork/queue";

async function freshRoot(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "flockwork-queue-"));
}

it("keeps the limits of two workers that start together and set one each", async () => {
  const root = await freshRoot();
  const rate = { limit: 100, perMs: 1_000 };
  await using one = openQueue<number>(fileStore(root), { durability: "os" });
  await using other = openQueue<number>(fileStore(root), { durability: "os" });
  one.worker(() => {}, { perKey: 2 });
  other.worker(() => {}, { rateLimit: rate });
  await vi.waitFor(async () => expect(Object.keys((await one.stats()).limits).length).toBeGreaterThan(0));
  await Promise.all([one.close(), other.close()]);
  expect((await one.stats()).limits).toEqual({ perKey: 2, rate });
});

it("refuses limits that are none when the worker is made", async () => {
  await using queue = openQueue<number>(fileStore(await freshRoot()), { durability: "os" });
  expect(() => queue.worker(() => {}, { perKey: 0 })).toThrow(RangeError);
});

it("leaves nothing behind on its stop signal for each job it has run", async () => {
  await using queue = openQueue<number>(fileStore(await freshRoot()), { durability: "os" });
  const added = vi.spyOn(AbortSignal.prototype, "addEventListener");
  const removed = vi.spyOn(AbortSignal.prototype, "removeEventListener");
  await queue.enqueueMany(Array.from({ length: 50 }, (_, payload) => ({ payload })));
  const worker = queue.worker(() => {});
  await queue.drain();
  await worker.stop();
  const left = added.mock.contexts.map(
    (signal) =>
      [...added.mock.contexts].filter((each) => each === signal).length -
      [...removed.mock.contexts].filter((each) => each === signal).length,
  );
  expect(Math.max(...left)).toBeLessThan(10);
  vi.restoreAllMocks();
});
