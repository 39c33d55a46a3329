import { StaleFencingTokenError } from "@flockwork/core";
import { describe, expect, test } from "vitest";
import { StaleClaimError } from "../src/errors.ts";
import type { Claim } from "../src/claim.ts";
import type { Queue } from "../src/queue.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, strayFiles, temporaryStore } from "./support/queue-directory.ts";

function openTwo() {
  const { directory, store } = temporaryStore();
  const clock = new ManualClock();
  const options = { clock, leaseMs: 10_000 };
  return { directory, clock, one: openTestQueue(store, options), two: openTestQueue(store, options) };
}

async function claimOne<P, R>(queue: Queue<P, R>): Promise<Claim<P, R>> {
  const [claim] = await queue.claim();
  if (claim === undefined) throw new Error("there was nothing to claim");
  return claim;
}

const payloads = async (claims: Promise<readonly Claim[]>): Promise<unknown[]> =>
  (await claims).map(({ job }) => job.payload);

describe("order", () => {
  test("jobs are claimed by priority, then time, then arrival (Q6)", async () => {
    const { one, two, clock } = openTwo();
    await one.enqueue("late", { delayMs: 500 });
    await one.enqueue("second");
    await two.enqueue("third");
    await one.enqueue("first", { priority: -1 });
    await two.enqueue("last", { priority: 1 });
    clock.pass(1_000);
    expect(await payloads(two.claim({ limit: 9 }))).toEqual(["first", "second", "third", "late", "last"]);
  });

  test("a delayed job is not claimed before its time", async () => {
    const { one, clock } = openTwo();
    await one.enqueue("later", { runAt: new Date(clock.now() + 1_000) });
    expect(await one.claim()).toEqual([]);
    expect((await one.stats()).delayed).toBe(1);
    clock.pass(1_000);
    expect(await payloads(one.claim())).toEqual(["later"]);
  });

  test("a job is claimed by one of many callers of many queue objects, and by no other (Q1)", async () => {
    const { one, two } = openTwo();
    await one.enqueueMany(Array.from({ length: 50 }, (_, payload) => ({ payload })));
    const claimed = await Promise.all(
      Array.from({ length: 30 }, (_, at) => payloads((at % 2 === 0 ? one : two).claim({ limit: 2 }))),
    );
    expect(claimed.flat().toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 50 }, (_, at) => at),
    );
  });
});

describe("leases", () => {
  test("a claim whose lease is over goes to the next, and what its holder says later is refused (Q2, Q3)", async () => {
    const { one, two, clock } = openTwo();
    await one.enqueue("work");
    const first = await claimOne(one);
    clock.pass(9_999);
    expect(await two.claim()).toEqual([]);
    clock.pass(1);
    const second = await claimOne(two);
    expect(second.job.attempts).toBe(2);
    expect(second.job.crashes).toBe(1);
    expect(BigInt(second.token)).toBeGreaterThan(BigInt(first.token));
    for (const call of [
      () => first.complete(),
      () => first.fail("x"),
      () => first.extend(),
      () => first.release(),
      () => first.progress(1),
      () => first.log("x"),
    ]) {
      await expect(call()).rejects.toBeInstanceOf(StaleFencingTokenError);
    }
    await second.complete("done");
    expect(await one.get(first.job.id)).toMatchObject({ state: "completed", result: "done" });
    await expect(second.complete()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
  });

  test("a claim whose lease is over is its holder's to finish under until somebody claims", async () => {
    const { one, two, clock } = openTwo();
    await one.enqueueMany([{ payload: "in time" }, { payload: "too late" }]);
    const [first, second] = await one.claim({ limit: 2 });
    clock.pass(20_000);
    expect(first?.held).toBe(false);
    await first?.complete();
    expect(await payloads(two.claim())).toEqual(["too late"]);
    await expect(second?.complete()).rejects.toBeInstanceOf(StaleClaimError);
  });

  test("extending keeps a claim, counted from when it was asked for", async () => {
    const { one, two, clock } = openTwo();
    await one.enqueue("work");
    const claim = await claimOne(one);
    for (let round = 0; round < 3; round += 1) {
      clock.pass(8_000);
      await claim.extend();
      expect(await two.claim()).toEqual([]);
      expect(claim.held).toBe(true);
    }
    await claim.extend(60_000);
    clock.pass(59_000);
    expect(await two.claim()).toEqual([]);
  });

  test("the signal of a claim aborts before anybody else can have the job", async () => {
    const { one, two, clock } = openTwo();
    await one.enqueue("work");
    const claim = await claimOne(one);
    const { signal } = claim;
    clock.pass(9_900);
    expect(await two.claim()).toEqual([]);
    expect(claim.held).toBe(false);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: "ERR_LEASE_LOST" });
  });

  test("jumps of the wall clock end no lease and grant nothing twice (P8)", async () => {
    const { one, two, clock } = openTwo();
    await one.enqueue("work");
    const claim = await claimOne(one);
    for (const years of [10, -20]) {
      clock.jump(years * 365 * 24 * 3_600_000);
      expect(await two.claim()).toEqual([]);
      expect(claim.held).toBe(true);
    }
    await claim.complete();
    await one.enqueue("more");
    expect(BigInt((await claimOne(two)).token)).toBeGreaterThan(BigInt(claim.token));
  });

  test("a claim that is given back does not count as an attempt", async () => {
    const { one, two } = openTwo();
    await one.enqueue("work");
    await (await claimOne(one)).release();
    expect((await claimOne(two)).job).toMatchObject({ attempts: 1, crashes: 0, failures: 0 });
  });
});

describe("attempts", () => {
  test("they are counted when claimed, so that a job that kills its workers dies in the end (Q4, Q5)", async () => {
    const { one, clock } = openTwo();
    const { id } = await one.enqueue("poison", { maxAttempts: 3 });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect((await claimOne(one)).job.attempts).toBe(attempt);
      clock.pass(10_000);
    }
    expect(await one.claim()).toEqual([]);
    const [dead] = await one.deadLetters();
    expect(dead).toMatchObject({ id, state: "dead", death: "crashes", attempts: 3, crashes: 3, failures: 0 });
    expect(dead?.firstClaimedAt).toBe("2026-05-01T12:00:00.000Z");
    expect(dead?.endedAt).toBe("2026-05-01T12:00:30.000Z");
  });

  test("a failed job rests longer each time, then becomes a dead letter with its error", async () => {
    const { store } = temporaryStore();
    const clock = new ManualClock();
    const queue = openTestQueue(store, { clock, random: () => 0.5 });
    const { id } = await queue.enqueue("bad", { maxAttempts: 3, backoff: { baseMs: 1_000 } });
    for (const restMs of [500, 1_000]) {
      await (await claimOne(queue)).fail(new TypeError("no"));
      expect(await queue.get(id)).toMatchObject({
        state: "delayed",
        error: { name: "TypeError", message: "no" },
      });
      clock.pass(restMs - 1);
      expect(await queue.claim()).toEqual([]);
      clock.pass(1);
    }
    await (await claimOne(queue)).fail("still no");
    expect(await queue.deadLetters()).toMatchObject([
      { id, death: "attempts", failures: 3, error: { message: "still no" } },
    ]);
    expect((await queue.history(id)).map(({ type }) => type)).toEqual([
      "claimed",
      "failed",
      "claimed",
      "failed",
      "claimed",
      "failed",
    ]);
  });

  test("an unrecoverable failure is not tried again, and redriving gives the job a new life", async () => {
    const { one, two } = openTwo();
    const { id } = await one.enqueue("bad");
    await (await claimOne(one)).fail(new Error("never"), { unrecoverable: true });
    expect(await two.deadLetters()).toMatchObject([{ id, death: "unrecoverable" }]);
    expect(await two.redrive()).toEqual([id]);
    expect((await claimOne(one)).job).toMatchObject({ id, attempts: 1, failures: 0 });
    await expect(two.redrive([id])).rejects.toMatchObject({ code: "ERR_JOB_STATE", state: "claimed" });
  });
});

test("a claim that was cancelled cannot be completed, and no stray file stays", async () => {
  const { one, two, directory } = openTwo();
  const { id } = await one.enqueue("work");
  const claim = await claimOne(one);
  await two.cancel(id, "not needed");
  await expect(claim.complete()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN", jobId: id });
  expect(claim.signal.aborted).toBe(true);
  expect(await one.get(id)).toMatchObject({ state: "cancelled", reason: "not needed" });
  expect(strayFiles(directory)).toEqual([]);
});
