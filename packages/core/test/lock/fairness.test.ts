import { appendFileSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { configureLocks } from "../../src/lock/lock-settings.ts";
import { inspectLock } from "../../src/lock/inspect-lock.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
afterEach(() => configureLocks({}));

/** Queues callers behind a held lock and tells in which order they got in. */
async function orderOf(requests: readonly { name: string; priority?: number }[]): Promise<string[]> {
  const path = space.file();
  const order: string[] = [];
  const first = await acquireLock(path, "exclusive");
  const waiting = requests.map(async ({ name, priority = 0 }) => {
    const lock = await acquireLock(path, "exclusive", { priority });
    order.push(name);
    await lock.release();
  });
  await first.release();
  await Promise.all(waiting);
  return order;
}

describe("callers of one process", () => {
  it("L6: get in first come, first served, in a number that exceeds a cohort", async () => {
    const names = Array.from({ length: 300 }, (_, at) => `${at}`);
    expect(await orderOf(names.map((name) => ({ name })))).toEqual(names);
  });

  it("L6: go before others with a higher priority, and in order among equals", async () => {
    const order = await orderOf([
      { name: "low", priority: -1 },
      { name: "a" },
      { name: "high 1", priority: 5 },
      { name: "b" },
      { name: "high 2", priority: 5 },
    ]);
    expect(order).toEqual(["high 1", "high 2", "a", "b", "low"]);
  });

  it("L6: are passed by no more than 64 requests of higher priority", async () => {
    const urgent = Array.from({ length: 200 }, (_, at) => ({ name: `${at}`, priority: 9 }));
    const order = await orderOf([{ name: "patient" }, ...urgent]);
    expect(order.indexOf("patient")).toBe(64);
  });

  it("L6: age where the urgent ones keep coming one by one", async () => {
    const path = space.file();
    const order: string[] = [];
    const first = await acquireLock(path, "exclusive");
    const patient = acquireLock(path, "exclusive").then(async (lock) => {
      order.push("patient");
      await lock.release();
    });
    const urgent = async (): Promise<void> => {
      const lock = await acquireLock(path, "exclusive", { priority: 1 });
      order.push("urgent");
      if (!order.includes("patient")) next = urgent();
      await lock.release();
    };
    let next = urgent();
    await first.release();
    await patient;
    await next;
    expect(order.indexOf("patient")).toBeLessThanOrEqual(64);
  });

  it("do not let a later reader pass a writer that waits", async () => {
    const path = space.file();
    const order: string[] = [];
    const reader = await acquireLock(path, "shared");
    const writing = withWriteLock(path, () => void order.push("writer"));
    const reading = acquireLock(path, "shared").then((lock) => {
      order.push("reader");
      return lock.release();
    });
    expect(await tryAcquireLock(path, "shared")).toBeUndefined();
    await reader.release();
    await Promise.all([writing, reading]);
    expect(order).toEqual(["writer", "reader"]);
  });

  it("let readers that stand together in together", async () => {
    const path = space.file();
    const first = await acquireLock(path, "exclusive");
    const readers = [1, 2, 3].map(() => acquireLock(path, "shared"));
    await first.release();
    const held = await Promise.all(readers); // each is released only after all are held
    expect(inspectLock(path).mode).toBe("shared");
    for (const lock of held) lock.releaseSync();
  });

  it("do not let an expired or withdrawn head hold up those behind it", async () => {
    const path = space.file();
    const controller = new AbortController();
    const first = await acquireLock(path, "exclusive");
    const expired = acquireLock(path, "exclusive", { timeoutMs: 1 });
    const aborted = acquireLock(path, "shared", { signal: controller.signal });
    const next = acquireLock(path, "exclusive");
    await expect(expired).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
    controller.abort();
    await expect(aborted).rejects.toBe(controller.signal.reason);
    await first.release();
    await (await next).release();
  });
});

describe("callers of several processes", () => {
  it("P1: a writer gets in although readers of other processes overlap without end", async () => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start();
    await one.acquire("0", path, "shared");
    const writing = acquireLock(path, "exclusive", { timeoutMs: Infinity }).then((lock) => lock.release());
    await untilWaiting(path, 1);
    let done = false;
    void writing.finally(() => (done = true));
    let rounds = 0;
    // A reader gives back its lock only after the next one had every chance to get it.
    for (let at = 0; !done && rounds < 2_000; at += 1, rounds += 1) {
      const [held, next] = at % 2 === 0 ? [one, two] : [two, one];
      await next.tryAcquire(`${at + 1}`, path, "shared");
      await held.release(`${at}`);
    }
    await writing;
    expect(rounds).toBeLessThan(2_000);
  });

  it("P1: a writer of another process gets in although readers here overlap without end", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    let reader = await acquireLock(path, "shared");
    await peer.startAcquire("w", path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    let rounds = 0;
    const release = async (): Promise<void> => {
      const next = await tryAcquireLock(path, "shared");
      await reader.release();
      if (next !== undefined) reader = next;
    };
    const writing = peer.granted("w");
    let done = false;
    void writing.finally(() => (done = true));
    for (; !done && rounds < 2_000; rounds += 1) {
      await release();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await reader.release();
    await writing;
    await peer.release("w");
    expect(rounds).toBeLessThan(2_000);
  });

  it("L6: a process that waits in the kernel's queue gets in between the cohorts of a busy one", async () => {
    configureLocks({ cohortCallers: 8, cohortMs: Infinity });
    const path = space.file();
    const log = space.file("order");
    await using peer = await LockPeer.start();
    const first = await acquireLock(path, "exclusive");
    const elsewhere = peer.call("enter", path, "exclusive", log, "b");
    await untilWaiting(path, 1);
    const local = Array.from({ length: 1_000 }, () => withWriteLock(path, () => appendFileSync(log, "a\n")));
    await first.release();
    await Promise.all([elsewhere, ...local]);
    const order = readFileSync(log, "utf8").split("\n");
    // One cohort, and what slips in while the other process's thread is being woken.
    expect(order.indexOf("b")).toBeLessThanOrEqual(8 * 4);
  });

  it("readers of a busy process and a writer elsewhere take turns", async () => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start();
    await Promise.all([
      one.call("count", { path, times: 150, callers: 4, kind: "read" }),
      two.call("count", { path, times: 300, callers: 2, kind: "async" }),
      one.call("count", { path, times: 150, kind: "async" }),
    ]);
  });
});
