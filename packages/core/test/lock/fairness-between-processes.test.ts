import { appendFileSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { configureLocks } from "../../src/lock/lock-settings.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
afterEach(() => configureLocks({}));

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

  it("L6: a process that waits in the kernel's queue gets in long before the callers of a busy one are through", async () => {
    configureLocks({ cohortCallers: 8, cohortMs: Infinity });
    const path = space.file();
    const log = space.file("order");
    await using peer = await LockPeer.start();
    const first = await acquireLock(path, "exclusive");
    const elsewhere = peer.call("enter", path, "exclusive", log, "b");
    await untilWaiting(path, 1);
    const local = Array.from({ length: 5_000 }, () => withWriteLock(path, () => appendFileSync(log, "a\n")));
    await first.release();
    await Promise.all([elsewhere, ...local]);
    const order = readFileSync(log, "utf8").split("\n");
    // Not after a number of callers: a busy process looks after others now and then, by time.
    expect(order.indexOf("b")).toBeLessThan(4_000);
  });

  it.each(["aborted", "expired"])(
    "readers behind a writer here get in beside those elsewhere once it has %s",
    async (how) => {
      const path = space.file();
      await using peer = await LockPeer.start();
      await peer.acquire("a", path, "shared");
      const controller = new AbortController();
      const timeoutMs = how === "expired" ? 50 : Infinity;
      const writing = acquireLock(path, "exclusive", { signal: controller.signal, timeoutMs });
      const reading = acquireLock(path, "shared", { timeoutMs: Infinity });
      if (how === "aborted") {
        await untilWaiting(path, 1);
        controller.abort();
      }
      await expect(writing).rejects.toThrow();
      await (await reading).release(); // the reader elsewhere never let go
      await peer.release("a");
    },
  );

  it("readers of a busy process and a writer elsewhere take turns", async () => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start();
    await Promise.all([
      one.call("count", { path, times: 50, callers: 4, kind: "read" }),
      two.call("count", { path, times: 100, callers: 2, kind: "async" }),
      one.call("count", { path, times: 50, kind: "async" }),
    ]);
  });
});
