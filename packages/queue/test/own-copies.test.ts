import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { openQueue } from "@flockwork/queue";

async function freshQueue(): Promise<ReturnType<typeof openQueue<{ n: number }, { r: number }>>> {
  const root = await mkdtemp(join(tmpdir(), "flockwork-queue-"));
  return openQueue<{ n: number }, { r: number }>(fileStore(root), { durability: "os" });
}

it("hands out a payload as it was enqueued, whatever its producer and an earlier handler did to their objects", async () => {
  await using queue = await freshQueue();
  const payload = { n: 1 };
  await queue.enqueue(payload);
  payload.n = 2;
  const [first] = await queue.claim();
  expect(first?.job.payload).toEqual({ n: 1 });
  Object.assign(first?.job.payload ?? {}, { n: 3 });
  await first?.release();
  const [second] = await queue.claim();
  expect(second?.job.payload).toEqual({ n: 1 });
});

it("keeps a result and the progress as they were told", async () => {
  await using queue = await freshQueue();
  const { id } = await queue.enqueue({ n: 1 });
  const [claim] = await queue.claim();
  const told = { r: 1 };
  await claim?.progress(told);
  await claim?.complete(told);
  told.r = 2;
  expect(await queue.get(id)).toMatchObject({ progress: { r: 1 }, result: { r: 1 } });
});
