import { memoryStore, UnsupportedError } from "@flockwork/core";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { DuplicateJobError, PayloadInvalidError } from "../src/errors.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

function open() {
  const { store, directory } = temporaryStore();
  const clock = new ManualClock();
  return { clock, directory, queue: openTestQueue(store, { clock }), other: openTestQueue(store, { clock }) };
}

describe("dedupe", () => {
  test("two live jobs never share a key, whoever enqueues (Q7)", async () => {
    const { queue, other } = open();
    const { id } = await queue.enqueue(1, { key: "k" });
    await expect(other.enqueue(2, { key: "k" })).rejects.toMatchObject({
      code: "ERR_DUPLICATE_JOB",
      jobId: id,
      key: "k",
    });
    expect(await other.enqueue(2, { key: "k", dedupe: "ignore" })).toEqual({ id, outcome: "duplicate" });
    const [claim] = await other.claim();
    await expect(queue.enqueue(2, { key: "k", dedupe: "replace" })).rejects.toBeInstanceOf(DuplicateJobError);
    await claim?.complete();
    expect((await queue.enqueue(2, { key: "k" })).outcome).toBe("enqueued");
  });

  test("of many callers at once one gets the key", async () => {
    const { queue, other } = open();
    const calls = Array.from({ length: 20 }, (_, at) => (at % 2 ? queue : other).enqueue(at, { key: "k" }));
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await queue.stats()).waiting).toBe(1);
  });

  test("a replaced job is over, and the new one has its place among those that depend on it", async () => {
    const { queue, other } = open();
    const { id } = await queue.enqueue("old", { key: "k" });
    await queue.enqueue("after", { dependsOn: [id] });
    const { id: newId, outcome } = await other.enqueue("new", { key: "k", dedupe: "replace" });
    expect(outcome).toBe("replaced");
    expect(await queue.get(id)).toMatchObject({ state: "replaced", replacedBy: newId });
    const [claim] = await queue.claim({ limit: 2 });
    expect(claim?.job.payload).toBe("new");
    expect(await queue.claim()).toEqual([]);
    await claim?.complete();
    expect((await queue.claim())[0]?.job.payload).toBe("after");
  });

  test("a debounced job runs once nothing has come for its window", async () => {
    const { queue, clock } = open();
    const enqueue = (payload: number) =>
      queue.enqueue(payload, { key: "k", dedupe: "debounce", windowMs: 100 });
    await enqueue(1);
    clock.pass(60);
    await enqueue(2);
    clock.pass(60);
    expect(await queue.claim()).toEqual([]);
    clock.pass(40);
    expect((await queue.claim({ limit: 5 })).map(({ job }) => job.payload)).toEqual([2]);
  });

  test("a window keeps the key taken after the job has ended", async () => {
    const { queue, clock } = open();
    await queue.enqueue(1, { key: "k", windowMs: 1_000 });
    await (await queue.claim())[0]?.complete();
    await expect(queue.enqueue(2, { key: "k" })).rejects.toBeInstanceOf(DuplicateJobError);
    clock.pass(1_000);
    expect((await queue.enqueue(2, { key: "k" })).outcome).toBe("enqueued");
  });

  test("an id that is known is not enqueued again", async () => {
    const { queue, other } = open();
    await queue.enqueue(1, { id: "only" });
    expect(await other.enqueue(2, { id: "only" })).toEqual({ id: "only", outcome: "duplicate" });
    expect((await queue.get("only")).payload).toBe(1);
  });
});

describe("flows", () => {
  test("a job waits for those it depends on", async () => {
    const { queue, other } = open();
    await queue.enqueueMany([
      { id: "a", payload: 1 },
      { id: "b", payload: 2 },
      { id: "c", payload: 3, dependsOn: ["a", "b"] },
    ]);
    const claims = await other.claim({ limit: 5 });
    expect(claims.map(({ job }) => job.id)).toEqual(["a", "b"]);
    expect(await queue.explain("c")).toMatchObject({
      claimable: false,
      reasons: [{ why: "waits on" }, { why: "waits on" }],
    });
    for (const claim of claims) await claim.complete();
    expect((await queue.claim())[0]?.job.id).toBe("c");
  });

  test("when one of them dies the others are cancelled, wait, or run all the same", async () => {
    const { queue, other } = open();
    await queue.enqueueMany([
      { id: "a", payload: 0, maxAttempts: 1 },
      { id: "cancelled", payload: 0, dependsOn: ["a"] },
      { id: "after cancelled", payload: 0, dependsOn: ["cancelled"] },
      { id: "waits", payload: 0, dependsOn: ["a"], onDependencyFailure: "wait" },
      { id: "runs", payload: 0, dependsOn: ["a"], onDependencyFailure: "run" },
    ]);
    await (await queue.claim())[0]?.fail("no");
    expect((await other.claim({ limit: 5 })).map(({ job }) => job.id)).toEqual(["runs"]);
    expect(await other.claim()).toEqual([]); // one more decision, for those after the cancelled
    expect((await queue.list("cancelled")).map(({ id }) => id)).toEqual(["cancelled", "after cancelled"]);
    expect((await queue.get("waits")).state).toBe("blocked");
    await queue.redrive(["a"]);
    await (await other.claim())[0]?.complete();
    expect((await other.claim({ limit: 5 })).map(({ job }) => job.id)).toEqual(["waits"]);
  });

  test("a job may only depend on what is there", async () => {
    const { queue } = open();
    await expect(queue.enqueue(1, { dependsOn: ["nobody"] })).rejects.toMatchObject({
      code: "ERR_JOB_NOT_FOUND",
    });
    const jobs = [{ payload: 1 }, { payload: 2, dependsOn: ["nobody"] }];
    await expect(queue.enqueueMany(jobs)).rejects.toMatchObject({ jobId: "nobody" });
    expect((await queue.stats()).waiting).toBe(0); // all or none
  });
});

describe("payloads", () => {
  test("a schema refuses what it does not accept, before anything is written", async () => {
    const { store } = temporaryStore();
    const queue = openTestQueue(store, { schema: z.object({ url: z.url() }) });
    await queue.enqueue({ url: "https://example.org" });
    await expect(queue.enqueue({ url: "no" })).rejects.toBeInstanceOf(PayloadInvalidError);
    await expect(queue.enqueue({ url: "no" })).rejects.toMatchObject({ issues: [{ path: ["url"] }] });
    expect((await queue.stats()).waiting).toBe(1);
  });

  test("what JSON cannot hold is refused for its caller alone", async () => {
    const { queue } = open();
    const settled = await Promise.allSettled([
      queue.enqueue(1),
      queue.enqueue({ size: 1n }),
      queue.enqueue(2),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(settled[1]).toMatchObject({ reason: { code: "ERR_RECORD_INVALID" } });
    const [claim, next] = await queue.claim({ limit: 2 });
    const results = await Promise.allSettled([claim?.complete(Number.NaN), next?.complete()]);
    expect(results).toMatchObject([{ reason: { code: "ERR_RECORD_INVALID" } }, { status: "fulfilled" }]);
    await claim?.complete(0);
    expect((await queue.stats()).completed).toBe(2);
  });

  test("wrong options are named", async () => {
    const { queue } = open();
    await expect(queue.enqueue(1, { priority: Number.NaN })).rejects.toThrow(/priority/);
    await expect(queue.enqueue(1, { runAt: "soon" })).rejects.toThrow(/runAt/);
    await expect(queue.enqueue(1, { maxAttempts: 0 })).rejects.toThrow(/maxAttempts/);
    await expect(queue.enqueue(undefined)).rejects.toThrow(/payload/);
    await expect(queue.claim({ limit: 0 })).rejects.toThrow(/limit/);
    await expect(queue.setLimits({ perKey: 0.5 })).rejects.toThrow(/perKey/);
  });
});

test("a store whose logs cannot share a lock is refused, not trusted", () => {
  expect(() => openTestQueue(memoryStore())).toThrow(UnsupportedError);
});
