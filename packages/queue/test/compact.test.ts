import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonlLog } from "@flockwork/core";
import { expect, test } from "vitest";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

function open(completed = 1) {
  const { store, directory } = temporaryStore();
  const clock = new ManualClock();
  const options = { clock, retention: { completed } };
  const lines = (name: string): string[] =>
    readFileSync(join(directory, "queue", name), "utf8")
      .split("\n")
      .filter((line) => line !== "");
  return {
    lines,
    clock,
    store,
    directory,
    queue: openTestQueue<string>(store, options),
    other: openTestQueue<string>(store, options),
  };
}

test("compaction drops ended jobs and their events; what lives is as it was, for those who read on too", async () => {
  const { queue, other, clock, lines, store } = open();
  await queue.setLimits({ perKey: 3 });
  await queue.setLimits({ perKey: 2 });
  await queue.pause({ group: "g" });
  await queue.schedule({ name: "nightly", cron: "0 3 * * *", payload: "night" });
  for (const payload of ["a", "b", "c"]) await queue.enqueue(payload);
  for (const claim of await queue.claim({ limit: 3 })) {
    await claim.extend();
    await claim.complete();
    clock.pass(1);
  }
  await queue.enqueue("dead", { maxAttempts: 1 });
  await (await queue.claim())[0]?.fail("no");
  await queue.enqueue("retried");
  await (await queue.claim())[0]?.fail("again", { delayMs: 500 });
  await queue.enqueue("held");
  const [held] = await queue.claim();
  await queue.enqueue("paused", { group: "g" });
  const before = await other.stats();
  await queue.compact();
  const after = { ...before, completed: 1 };
  for (const each of [queue, other, openTestQueue(store, { clock })])
    expect(await each.stats()).toEqual(after);
  expect(lines("tasks.jsonl").map((line) => (JSON.parse(line) as { payload: unknown }).payload)).toEqual([
    "c",
    "dead",
    "retried",
    "held",
    "paused",
  ]);
  expect(lines("events.jsonl").map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    "compacted",
    "limited",
    "paused",
    "scheduled",
    "joined",
    "claimed",
    "extended",
    "completed",
    "claimed",
    "failed",
    "claimed",
    "failed",
    "claimed",
  ]);
  expect(await other.get(held?.jobId ?? "")).toMatchObject({ state: "claimed", token: held?.token });
  await held?.complete();
  clock.pass(500);
  expect((await other.claim())[0]?.job).toMatchObject({ payload: "retried", attempts: 2, failures: 1 });
});

test("tokens grow through compaction, even when nothing is left (P7)", async () => {
  const { queue, other, clock } = open(0);
  await queue.enqueue("work");
  const [claim] = await queue.claim();
  await claim?.complete();
  await other.compact();
  expect(await queue.stats()).toMatchObject({ completed: 0 });
  clock.jump(-1_000_000); // so that only what was kept can tell
  await queue.enqueue("more");
  const [next] = await queue.claim();
  expect(BigInt(next?.token ?? "0")).toBeGreaterThan(BigInt(claim?.token ?? "0"));
  await expect(claim?.complete()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
});

test("who reads without the lock between the rewriting of the jobs and of the events loses nothing and sees nothing come back", async () => {
  const { queue, store, clock, lines, directory } = open(0);
  await queue.enqueueMany([{ payload: "done" }, { payload: "waits" }]);
  await (await queue.claim())[0]?.complete();
  const tasks = jsonlLog<{ payload: string }>(join(directory, "queue", "tasks.jsonl"));
  await tasks.rewrite((entries) => entries.filter(({ record }) => record.payload !== "done"));
  expect(lines("events.jsonl")).toHaveLength(3);
  for (const each of [queue, openTestQueue(store, { clock })])
    expect(await each.stats()).toMatchObject({ waiting: 1, completed: 0, foreignLines: 0 });
  await queue.compact();
  expect(lines("events.jsonl")).toHaveLength(1);
});

test("the queue compacts itself when most of it is over", async () => {
  const { queue, lines } = open(10);
  for (let round = 0; round < 11; round += 1) {
    await queue.enqueueMany(Array.from({ length: 1_000 }, () => ({ payload: "x" })));
    const claims = await queue.claim({ limit: 1_000 });
    await Promise.all(claims.map((claim) => claim.complete()));
  }
  await queue.claim();
  await expect.poll(() => lines("tasks.jsonl").length).toBe(10);
  expect((await queue.stats()).completed).toBe(10);
});
