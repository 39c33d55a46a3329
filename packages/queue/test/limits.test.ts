import { describe, expect, test } from "vitest";
import type { Queue } from "../src/queue.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

function open() {
  const { store } = temporaryStore();
  const clock = new ManualClock();
  return { clock, queue: openTestQueue(store, { clock }), other: openTestQueue(store, { clock }) };
}

const claimed = async (queue: Queue, limit = 99): Promise<unknown[]> =>
  (await queue.claim({ limit })).map(({ job }) => job.payload);

describe("groups", () => {
  test("jobs of a group run one at a time, in the order they came, whatever their priority", async () => {
    const { queue, other } = open();
    await queue.enqueue("a1", { group: "a" });
    await other.enqueue("a2", { group: "a", priority: -5 });
    await queue.enqueue("b1", { group: "b" });
    await queue.enqueue("free");
    const [first] = await queue.claim();
    expect(first?.job.payload).toBe("a1");
    expect(await claimed(other)).toEqual(["b1", "free"]);
    await first?.fail("no", { delayMs: 1_000 });
    expect(await claimed(other)).toEqual([]); // its turn comes again before a2's
  });

  test("a failing job holds its group up until it is done or dead", async () => {
    const { queue, clock } = open();
    await queue.enqueue("first", { group: "g", maxAttempts: 2 });
    await queue.enqueue("second", { group: "g" });
    await (await queue.claim())[0]?.fail("no", { delayMs: 1_000 });
    expect(await claimed(queue)).toEqual([]);
    clock.pass(1_000);
    const [again] = await queue.claim();
    expect(again?.job.payload).toBe("first");
    await again?.fail("no");
    expect(await claimed(queue)).toEqual(["second"]);
  });
});

describe("limits", () => {
  test("claims per key are exact across queue objects", async () => {
    const { queue, other } = open();
    await queue.setLimits({ perKey: 2 });
    for (const limitKey of ["x", "y"])
      await queue.enqueueMany(
        Array.from({ length: 4 }, (_, at) => ({ payload: `${limitKey}${at}`, limitKey })),
      );
    const claims = (await Promise.all([queue.claim({ limit: 3 }), other.claim({ limit: 3 })])).flat();
    expect(claims.map(({ job }) => String(job.payload)).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "x0",
      "x1",
      "y0",
      "y1",
    ]);
    await claims.find(({ job }) => job.payload === "x1")?.complete();
    expect(await claimed(other)).toEqual(["x2"]);
  });

  test("the whole queue can be limited, and the limit lifted", async () => {
    const { queue, other } = open();
    await queue.setLimits({ concurrency: 1 });
    await queue.enqueueMany([{ payload: 1 }, { payload: 2 }]);
    expect(await claimed(other)).toEqual([1]);
    expect(await claimed(queue)).toEqual([]);
    await other.setLimits({});
    expect(await claimed(queue)).toEqual([2]);
  });

  test("rates count the claims of every process, in any window", async () => {
    const { queue, other, clock } = open();
    await queue.setLimits({ rate: { limit: 2, perMs: 1_000 } });
    await queue.enqueueMany(Array.from({ length: 5 }, (_, payload) => ({ payload })));
    expect(await claimed(queue, 1)).toEqual([0]);
    clock.pass(600);
    expect(await claimed(other)).toEqual([1]);
    expect(await claimed(other)).toEqual([]);
    clock.pass(400);
    expect(await claimed(queue)).toEqual([2]);
    clock.pass(600);
    expect(await claimed(other)).toEqual([3]);
  });

  test("rates per key leave other keys alone", async () => {
    const { queue, clock } = open();
    await queue.setLimits({ ratePerKey: { limit: 1, perMs: 1_000 } });
    await queue.enqueueMany([
      { payload: "x1", limitKey: "x" },
      { payload: "x2", limitKey: "x" },
      { payload: "y1", limitKey: "y" },
      { payload: "free" },
    ]);
    expect(await claimed(queue)).toEqual(["x1", "y1", "free"]);
    clock.pass(1_000);
    expect(await claimed(queue)).toEqual(["x2"]);
  });

  test("only claimers with the capabilities a job requires get it", async () => {
    const { queue } = open();
    await queue.enqueue("render", { requires: ["gpu", "linux"] });
    await queue.enqueue("plain");
    expect(await claimed(queue)).toEqual(["plain"]);
    const claims = await queue.claim({ limit: 9, capabilities: ["linux", "gpu", "more"] });
    expect(claims.map(({ job }) => job.payload)).toEqual(["render"]);
  });
});

describe("control", () => {
  test("a pause stops claims of its scope, in every process, until it is resumed", async () => {
    const { queue, other } = open();
    await queue.enqueueMany([
      { payload: "k", limitKey: "k" },
      { payload: "g", group: "g" },
      { payload: "free" },
    ]);
    await queue.pause();
    await queue.pause({ limitKey: "k" });
    await queue.pause({ group: "g" });
    expect(await claimed(other)).toEqual([]);
    await other.resume();
    expect(await claimed(queue)).toEqual(["free"]);
    await other.resume({ group: "g" });
    expect(await claimed(queue)).toEqual(["g"]);
    await other.resume({ limitKey: "k" });
    expect(await claimed(queue)).toEqual(["k"]);
  });

  test("a draining queue takes nothing more and says when it is empty", async () => {
    const { queue, other } = open();
    await queue.enqueue(1);
    const drained = queue.drain();
    await expect.poll(async () => (await other.stats()).draining).toBe(true);
    await expect(other.enqueue(2)).rejects.toMatchObject({ code: "ERR_QUEUE_DRAINING" });
    await (await other.claim())[0]?.complete();
    await drained;
    await queue.resume();
    expect((await other.enqueue(2)).outcome).toBe("enqueued");
  });

  test("a job that is over cannot be cancelled, one that is not is over then", async () => {
    const { queue, other } = open();
    const { id } = await queue.enqueue(1, { delayMs: 1_000 });
    await other.cancel(id);
    await expect(queue.cancel(id)).rejects.toMatchObject({ code: "ERR_JOB_STATE", state: "cancelled" });
    await expect(queue.cancel("nobody")).rejects.toMatchObject({ code: "ERR_JOB_NOT_FOUND" });
  });

  test("explain says why a job is not running", async () => {
    const { queue, other, clock } = open();
    await queue.setLimits({ perKey: 1 });
    const ids = (
      await queue.enqueueMany([
        { payload: 0, limitKey: "k", group: "g" },
        { payload: 1, limitKey: "k" },
        { payload: 2, group: "g" },
        { payload: 3, delayMs: 1_000 },
        { payload: 4 },
        { payload: 5, requires: ["gpu"] },
      ])
    ).map(({ id }) => id);
    await other.claim();
    const whys = await Promise.all(
      ids.map(async (id) => (await queue.explain(id)).reasons.map(({ why, text }) => `${why}: ${text}`)),
    );
    expect(whys).toEqual([
      [expect.stringMatching(/^claimed: claimed by .*pid \d+ .*attempt 1 of 5/)],
      ["limit: the limit key k has its 1 claims at once"],
      [`group: the group g runs in order, and ${ids[0]} is claimed before it`],
      ["delayed: delayed until 2026-05-01T12:00:01.000Z"],
      [],
      ["requires: only claimers with gpu get it", `behind: ${ids[4]} comes first`],
    ]);
    clock.pass(1_000);
    await queue.pause();
    expect((await queue.explain(ids[3] ?? "")).reasons[0]?.text).toBe("the queue is paused");
  });
});
