import { jsonlLog } from "@flockwork/core";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { UnrecoverableJobError } from "../src/errors.ts";
import { afterwards, openTestQueue, temporaryStore } from "./support/queue-directory.ts";

function open<Payload = unknown, Result = unknown>() {
  const { store, directory } = temporaryStore();
  return { store, directory, queue: openTestQueue<Payload, Result>(store) };
}

/** Renewed each third of it; a machine that stands still for longer loses it, rightly: once more then. */
const leaseMs = 6_000;
const again = { retry: 3, timeout: 60_000 };

/** Until a job is in a state. */
async function reach(
  queue: { get(id: string): Promise<{ readonly state: string }> },
  id: string,
  state: string,
): Promise<void> {
  await expect.poll(async () => (await queue.get(id)).state).toBe(state);
}

test("a worker runs jobs that are there and jobs that come, and keeps their results", async () => {
  const { queue } = open<number, number>();
  const early = await queue.enqueue(2);
  queue.worker(({ payload }) => payload * payload, { concurrency: 2 });
  const late = await queue.enqueue(3);
  const delayed = await queue.enqueue(4, { delayMs: 50 });
  for (const [{ id }, result] of [
    [early, 4],
    [late, 9],
    [delayed, 16],
  ] as const) {
    await reach(queue, id, "completed");
    expect((await queue.get(id)).result).toBe(result);
  }
});

test("never more than its concurrency runs, and per key never more than the limit", async () => {
  const { store, queue } = open<string>();
  await queue.enqueueMany(
    Array.from({ length: 30 }, (_, at) => ({ payload: `k${at % 3}`, limitKey: `k${at % 3}` })),
  );
  const now = new Map<string, number>();
  const worst = { all: 0, perKey: 0 };
  const handler = async ({ payload }: { payload: string }): Promise<void> => {
    now.set(payload, (now.get(payload) ?? 0) + 1);
    worst.perKey = Math.max(worst.perKey, ...now.values());
    worst.all = Math.max(
      worst.all,
      [...now.values()].reduce((sum, each) => sum + each, 0),
    );
    await new Promise((resolve) => setImmediate(resolve));
    now.set(payload, (now.get(payload) ?? 0) - 1);
  };
  queue.worker(handler, { concurrency: 3, perKey: 1 });
  openTestQueue<string>(store).worker(handler, { concurrency: 3, perKey: 1 });
  await expect.poll(async () => (await queue.stats()).completed).toBe(30);
  expect(worst).toEqual({ all: 3, perKey: 1 });
});

test(
  "a handler that runs longer than the lease keeps its job, since the claim renews itself",
  again,
  async () => {
    const { queue, store } = open();
    const { id } = await queue.enqueue("long");
    const release = Promise.withResolvers<void>();
    queue.worker(() => release.promise, { leaseMs });
    const rival = openTestQueue(store);
    await reach(queue, id, "claimed");
    await expect
      .poll(async () => (await queue.history(id)).filter(({ type }) => type === "extended").length)
      .toBeGreaterThan(3); // later than one lease lasts
    expect(await rival.claim()).toEqual([]);
    release.resolve();
    await reach(queue, id, "completed");
    expect(await queue.get(id)).toMatchObject({ attempts: 1, crashes: 0 });
  },
);

test("when the claim is lost the signal aborts, and what the handler returns is dropped", again, async () => {
  const { queue, store } = open<string, string>();
  const { id } = await queue.enqueue("work");
  const aborted = Promise.withResolvers<unknown>();
  queue.worker(
    async (_job, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      aborted.resolve(signal.reason);
      return "late";
    },
    { leaseMs },
  );
  await reach(queue, id, "claimed");
  await openTestQueue(store).cancel(id, "changed our mind");
  expect(await aborted.promise).toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
  expect(await queue.get(id)).toMatchObject({ state: "cancelled" });
  expect((await queue.get(id)).result).toBeUndefined();
});

describe("failures", () => {
  test("what a handler throws fails the attempt; what it calls unrecoverable ends the job", async () => {
    const { queue } = open<string>();
    const retried = await queue.enqueue("once", { backoff: { baseMs: 1, jitter: "none" } });
    const dead = await queue.enqueue("never");
    queue.worker(({ payload }, { attempt }) => {
      if (payload === "never") throw new UnrecoverableJobError("no such thing");
      if (attempt === 1) throw new Error("the first time");
    });
    await reach(queue, dead.id, "dead");
    await reach(queue, retried.id, "completed");
    expect(await queue.get(retried.id)).toMatchObject({ attempts: 2, failures: 1, crashes: 0 });
    expect(await queue.get(dead.id)).toMatchObject({
      death: "unrecoverable",
      error: { name: "UnrecoverableJobError" },
    });
  });

  test("a job that takes longer than its timeout is aborted and has failed", async () => {
    const { queue } = open();
    const { id } = await queue.enqueue("slow", { timeoutMs: 20, maxAttempts: 1 });
    queue.worker(async (_job, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    });
    await reach(queue, id, "dead");
    expect(await queue.get(id)).toMatchObject({ failures: 1, error: { name: "JobTimeoutError" } });
  });

  test("a payload that the schema refuses never reaches the handler", async () => {
    const { store, queue } = open<number>();
    const { id } = await queue.enqueue("text" as never);
    const strict = openTestQueue(store, { schema: z.number() });
    let runs = 0;
    strict.worker(() => void (runs += 1));
    await reach(queue, id, "dead");
    expect(runs).toBe(0);
  });
});

describe("stopping", () => {
  test("a worker that stops claims nothing more and waits for what runs", async () => {
    const { queue } = open();
    const first = await queue.enqueue(1);
    const gate = Promise.withResolvers<void>();
    const worker = queue.worker(() => gate.promise);
    await reach(queue, first.id, "claimed");
    const stopped = worker.stop();
    const second = await queue.enqueue(2);
    gate.resolve();
    await stopped;
    expect((await queue.get(first.id)).state).toBe("completed");
    expect((await queue.get(second.id)).state).toBe("waiting");
  });

  test("after the deadline what still runs is aborted and given back, and its attempt does not count", async () => {
    const { queue } = open();
    const { id } = await queue.enqueue(1);
    const aborted = Promise.withResolvers<void>();
    const worker = queue.worker(async (_job, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(), { once: true });
      await new Promise(() => {});
    });
    await reach(queue, id, "claimed");
    await worker.stop({ deadlineMs: 10 });
    await aborted.promise;
    expect(await queue.get(id)).toMatchObject({ state: "waiting", attempts: 0 });
  });

  test("who stops it again with an earlier deadline does not wait for the one before", async () => {
    const { queue } = open();
    const { id } = await queue.enqueue(1);
    const worker = queue.worker(() => new Promise(() => {}));
    await reach(queue, id, "claimed");
    const patient = worker.stop({ deadlineMs: Infinity });
    await worker.stop({ deadlineMs: 0 });
    await patient;
    expect((await queue.get(id)).state).toBe("waiting");
  });
});

test("completing a job and changing other files is one commit: with a stale claim neither happens", async () => {
  const { store, directory, queue } = open<{ amount: number }, number>();
  const ledger = store.log<{ paid: number }>({ name: "ledger.jsonl" });
  await queue.enqueue({ amount: 5 });
  const [claim] = await queue.claim({ leaseMs: 50 });
  await expect.poll(async () => (await openTestQueue(store).claim()).length).toBe(1);
  const pay = (): Promise<number> | undefined =>
    claim?.completeWith({ ledger }, ({ ledger: draft }) => {
      draft.append({ paid: 5 });
      return 5;
    });
  await expect(pay()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
  expect(await ledger.read()).toEqual([]);
  await queue.enqueue({ amount: 7 });
  const [second] = await queue.claim();
  await second?.completeWith({ ledger }, (drafts) => {
    drafts.ledger.append({ paid: second.job.payload.amount });
    return 7;
  });
  expect(await jsonlLog(`${directory}/ledger.jsonl`).read()).toEqual([{ paid: 7 }]);
  expect(await queue.get(second?.jobId ?? "")).toMatchObject({ state: "completed", result: 7 });
  await expect(second?.complete()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
});

test("a token goes stale for other documents as soon as a later claim has written there", async () => {
  const { store, queue } = open<string>();
  const state = store.document({ name: "state.json", defaults: () => ({ by: "nobody" }) });
  await queue.enqueue("work");
  const [slow] = await queue.claim({ leaseMs: 30 });
  const other = openTestQueue<string>(store);
  let fast = (await other.claim())[0];
  while (fast === undefined) fast = (await other.claim())[0];
  await state.update((draft) => void (draft.by = "fast"), { fence: fast.fence });
  const { name, token } = slow?.fence ?? { name: "", token: "" };
  const late = state.update((draft) => void (draft.by = "slow"), { fence: { name, token } });
  await expect(late).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
  expect(await state.read()).toEqual({ by: "fast" });
});

test("errors of the queue itself are told, and the worker goes on", async () => {
  const { store, directory } = temporaryStore();
  const { writeFileSync, mkdirSync, rmSync } = await import("node:fs");
  mkdirSync(`${directory}/queue/tasks.jsonl`, { recursive: true }); // a directory where the file should be
  const queue = openTestQueue(store);
  const told = Promise.withResolvers<unknown>();
  const ran = Promise.withResolvers<void>();
  const worker = queue.worker(() => ran.resolve(), { onError: told.resolve });
  afterwards(() => worker.stop({ deadlineMs: 0 }));
  expect(await told.promise).toMatchObject({ code: "ERR_UNSAFE_PATH" });
  rmSync(`${directory}/queue/tasks.jsonl`, { recursive: true });
  writeFileSync(`${directory}/queue/tasks.jsonl`, "");
  await openTestQueue(store).enqueue(1);
  await ran.promise;
});
