import { appendFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, test } from "vitest";
import { openQueue } from "@flockwork/queue";

const at = "2026-01-01T00:00:00.000Z";
const claimed = { type: "claimed", at, job: "a", token: "1", by: "x", leaseMs: 1, up: 1 };

const foreign: readonly (readonly [string, object])[] = [
  ["a holder without a process", { type: "joined", at, by: "x", clock: "c", process: null }],
  ["a rate that is nothing", { type: "limited", at, limits: { rate: null } }],
  ["a bound that is a text", { type: "limited", at, limits: { concurrency: "a" } }],
  [
    "a schedule that is no cron expression",
    { type: "scheduled", at, schedule: { name: "x", cron: "no", payload: 1 } },
  ],
  ["a token that is no number", { type: "cancelled", at, job: "none", token: "zzz" }],
  ["a claim with a token that is no number", { ...claimed, token: "zzz" }],
  ["a compaction with a token that is no number", { type: "compacted", at, token: "zzz" }],
  ["a claim at no time", { ...claimed, at: "soon" }],
  ["a failure of nothing", { type: "failed", at, job: "a", token: "1", error: null }],
];

test.each(foreign)("%s is passed over, and the jobs run", async (_, event) => {
  const root = await mkdtemp(join(tmpdir(), "flockwork-queue-"));
  await using queue = openQueue<number>(fileStore(root), { durability: "os" });
  await queue.enqueue(1, { id: "a" });
  await queue.pause();
  await queue.resume();
  const lines = [event, claimed].map((each) => `${JSON.stringify(each)}\n`);
  await appendFile(join(root, ".gastown/queues/events.jsonl"), lines.join(""));
  const errors: unknown[] = [];
  const worker = queue.worker(() => {}, { onError: (error) => errors.push(error) });
  await queue.drain({ signal: AbortSignal.timeout(3_000) });
  await worker.stop({ deadlineMs: 0 });
  expect(errors).toEqual([]);
  expect((await queue.explain("a")).job.state).toBe("completed");
  await queue.resume();
  await queue.tick();
});
