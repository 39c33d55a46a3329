import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import type { FileLock } from "../../src/lock/file-lock.ts";
import { inspectLock } from "../../src/lock/inspect-lock.ts";
import type { LockMode } from "../../src/lock/lock-mode.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until } from "../support/lock-until.ts";

const space = useLockSpace();

/** A reproducible stream of numbers below 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("L7: a storm of waits that are given up", () => {
  it.each(["exclusive", "shared"] as const)(
    "leaves no lock behind: %s waits aborted as the lock is released",
    async (mode) => {
      const path = space.file();
      await using peer = await LockPeer.start();
      const outcomes = { granted: 0, aborted: 0 };
      for (let round = 0; round < 60; round += 1) {
        await peer.acquire("a", path, "exclusive");
        const controller = new AbortController();
        const waiting = acquireLock(path, mode, { signal: controller.signal, timeoutMs: Infinity });
        if (round % 3 !== 0) await until(() => inspectLock(path).waiters.length > 0 || mode === "shared");
        const released = peer.release("a");
        for (let turn = 0; turn < round % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        controller.abort("enough");
        await waiting.then(
          (lock) => {
            outcomes.granted += 1;
            return lock.release();
          },
          (reason: unknown) => {
            outcomes.aborted += 1;
            expect(reason).toBe("enough");
          },
        );
        await released;
        await until(async () => {
          const free = await peer.tryAcquire("b", path, "exclusive");
          if (free) await peer.release("b");
          return free;
        });
      }
      expect(outcomes.granted + outcomes.aborted).toBe(60);
      expect(outcomes.aborted).toBeGreaterThan(0);
    },
  );

  it("leaves no lock behind where readers, writers, timeouts, aborts and synchronous calls all happen at once", async () => {
    const random = randomFrom(20_260_822);
    const paths = [space.file("a"), space.file("b"), space.file("c")];
    await using rival = await LockPeer.start();
    const rivals = Promise.all(
      paths.map((path) =>
        rival.call("count", { path, times: 200, kind: "async", options: { timeoutMs: Infinity } }),
      ),
    );
    const inside = new Map<string, { readers: number; writers: number }>();
    const use = async (path: string, mode: LockMode, lock: FileLock): Promise<void> => {
      const here = inside.get(path) ?? { readers: 0, writers: 0 };
      inside.set(path, here);
      here[mode === "shared" ? "readers" : "writers"] += 1;
      expect(here.writers === 0 || (here.writers === 1 && here.readers === 0)).toBe(true);
      if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
      here[mode === "shared" ? "readers" : "writers"] -= 1;
      await lock.release();
    };
    let granted = 0;
    const callers = Array.from({ length: 40 }, async () => {
      for (let round = 0; round < 30; round += 1) {
        const path = paths[Math.floor(random() * paths.length)] ?? "";
        const mode = random() < 0.5 ? "shared" : "exclusive";
        const controller = new AbortController();
        const timeoutMs = random() < 0.3 ? random() * 3 : Infinity;
        const waiting = acquireLock(path, mode, {
          signal: controller.signal,
          timeoutMs,
          priority: Math.floor(random() * 3),
        });
        const used = waiting.then(
          (lock) => {
            granted += 1;
            return use(path, mode, lock);
          },
          () => undefined,
        );
        if (random() < 0.4) {
          for (let turn = random() * 4; turn > 1; turn -= 1)
            await new Promise((resolve) => setImmediate(resolve));
          controller.abort();
        }
        await used;
      }
    });
    await Promise.all(callers);
    await rivals;
    expect(granted).toBeGreaterThan(100);
    for (const path of paths) {
      const lock = await tryAcquireLock(path, "exclusive");
      expect(lock).toBeDefined();
      await lock?.release();
      expect(inspectLock(path)).toMatchObject({ held: false, waitingHere: 0, waiters: [], holders: [] });
    }
  });

  it("does not hold on to the requests that ended behind one that goes on waiting", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const first = acquireLock(path, "exclusive", { timeoutMs: Infinity });
    for (let round = 0; round < 200; round += 1) {
      const controllers = Array.from({ length: 100 }, () => new AbortController());
      const waits = controllers.map(({ signal }) =>
        acquireLock(path, "exclusive", { signal, timeoutMs: Infinity }),
      );
      for (const controller of controllers) controller.abort();
      await Promise.allSettled(waits);
    }
    expect(inspectLock(path).waitingHere).toBe(1);
    await peer.release("a");
    await (await first).release();
  });
});
