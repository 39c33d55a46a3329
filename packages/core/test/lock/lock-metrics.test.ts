import { beforeEach, describe, expect, it } from "vitest";

import { acquireLock, acquireLockSync, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import {
  getLockMetrics,
  lockMetrics,
  onLockContention,
  onLongHold,
  resetLockMetrics,
  type SlowLockEvent,
} from "../../src/lock/lock-metrics.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until, untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
beforeEach(() => resetLockMetrics());

describe("lockMetrics", () => {
  it("counts acquisitions, what is held, and how long", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "shared");
    acquireLockSync(path, "shared").releaseSync();
    expect(lockMetrics()).toMatchObject({
      acquisitions: 2,
      held: 1,
      contentions: 0,
      timeouts: 0,
      waiting: 0,
    });
    expect(lockMetrics().holdTime.count).toBe(1);
    await lock.release();
    const { held, holdTime, waitTime } = lockMetrics();
    expect({ held, holds: holdTime.count, waits: waitTime.count }).toEqual({ held: 0, holds: 2, waits: 2 });
    expect(holdTime.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(holdTime.buckets.at(-1)?.upToMs).toBe(Infinity);
    expect(holdTime.maxMs).toBeLessThanOrEqual(holdTime.totalMs);
  });

  it("counts those who wait now, contention, timeouts and aborts", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
    await expect(acquireLock(path, "exclusive", { timeoutMs: 2 })).rejects.toThrow(/timeout/i);
    expect(() => acquireLockSync(path, "exclusive", { timeoutMs: 0 })).toThrow(/timeout/i);
    const controller = new AbortController();
    const aborted = acquireLock(path, "exclusive", { signal: controller.signal });
    const waiting = acquireLock(path, "exclusive");
    await untilWaiting(path, 1);
    expect(lockMetrics().waiting).toBe(2);
    controller.abort();
    await expect(aborted).rejects.toBe(controller.signal.reason);
    expect(lockMetrics()).toMatchObject({ waiting: 1, timeouts: 2, aborts: 1 });
    await peer.release("a");
    await (await waiting).release();
    expect(lockMetrics()).toMatchObject({ waiting: 0, held: 0, acquisitions: 1 });
    expect(lockMetrics().contentions).toBeGreaterThanOrEqual(1);
  });

  it("counts contention between callers of this process", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive");
    const waiting = [1, 2, 3].map(() => withWriteLock(path, () => undefined));
    await lock.release();
    await Promise.all(waiting);
    expect(lockMetrics().contentions).toBe(3);
  });

  it("keeps counting what is held and waiting over a reset, in the seed's shape too", async () => {
    const lock = await acquireLock(space.file(), "exclusive");
    resetLockMetrics();
    expect(getLockMetrics()).toEqual({
      averageWaitTime: 0,
      maxWaitTime: 0,
      totalLocks: 0,
      totalContentions: 0,
      totalTimeouts: 0,
      activeLocks: 1,
    });
    await lock.release();
    expect(lockMetrics().held).toBe(0);
  });
});

describe("listeners", () => {
  it("hear of waits and holds above their threshold, until they unsubscribe", async () => {
    const path = space.file();
    const waits: SlowLockEvent[] = [];
    const holds: SlowLockEvent[] = [];
    const stops = [
      onLockContention((event) => waits.push(event), { thresholdMs: 0 }),
      onLongHold((event) => holds.push(event), { thresholdMs: 1 }),
      onLockContention(() => expect.unreachable(), { thresholdMs: Infinity }),
      onLongHold(() => expect.unreachable(), { thresholdMs: Infinity }),
    ];
    const lock = await acquireLock(path, "exclusive");
    const waiting = acquireLock(path, "shared");
    await until(() => holds.length > 0); // told while it is held, not afterwards
    await lock.release();
    await (await waiting).release();
    await until(() => waits.length > 0);
    expect(waits[0]).toMatchObject({ path, mode: "shared" });
    expect(waits[0]?.durationMs).toBeGreaterThan(0);
    expect(holds[0]).toMatchObject({ path, mode: "exclusive" });
    for (const stop of stops) stop();
    const [seenWaits, seenHolds] = [waits.length, holds.length];
    await withWriteLock(path, () => new Promise((resolve) => setImmediate(resolve)));
    expect([waits.length, holds.length]).toEqual([seenWaits, seenHolds]);
  });

  it("are refused with a threshold that is no duration", () => {
    expect(() => onLockContention(() => undefined, { thresholdMs: -1 })).toThrow(RangeError);
    expect(() => onLongHold(() => undefined, { thresholdMs: Number.NaN })).toThrow(RangeError);
  });
});
