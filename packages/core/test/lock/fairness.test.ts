import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { inspectLock } from "../../src/lock/inspect-lock.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();

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
