import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("P2: the lock of a process that dies", () => {
  it.each(["main thread", "worker"])(
    "by SIGKILL goes to the one who waits (holder on its %s)",
    async (place) => {
      const path = space.file();
      await using holder = await LockPeer.start({ worker: place === "worker" });
      await holder.acquire("a", path, "exclusive");
      const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
      await untilWaiting(path, 1);
      expect(await holder.kill()).toBe("SIGKILL");
      await (await waiting).release();
    },
  );

  it.each([
    ["exit", 3],
    ["throwUncaught", 1],
    ["rejectUnhandled", 1],
  ] as const)("by %s is free", async (how, code) => {
    const path = space.file();
    await using holder = await LockPeer.start();
    await holder.acquire("a", path, "exclusive");
    if (how === "exit") holder.post("exit", 3);
    else holder.post(how);
    expect(await holder.exited).toBe(code);
    const lock = await tryAcquireLock(path, "exclusive");
    expect(lock).toBeDefined();
    await lock?.release();
  });

  it("in the middle of a wait leaves nobody behind in the kernel's queue", async () => {
    const path = space.file();
    await using waiter = await LockPeer.start();
    const lock = await acquireLock(path, "exclusive");
    await waiter.startAcquire("w", path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    waiter.post("exit", 4);
    expect(await waiter.exited).toBe(4);
    await lock.release();
    const next = await tryAcquireLock(path, "exclusive");
    expect(next).toBeDefined();
    await next?.release();
  });

  it("while stopped stays held, whatever its age", async () => {
    const path = space.file();
    await using holder = await LockPeer.start();
    await holder.acquire("a", path, "exclusive");
    holder.signal("SIGSTOP");
    expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
    await expect(acquireLock(path, "exclusive", { timeoutMs: 50 })).rejects.toThrow(String(holder.pid));
    holder.signal("SIGCONT");
    await holder.release("a");
    await (await acquireLock(path, "exclusive")).release();
  });
});

describe("a process", () => {
  it("ends by itself when its contested lock was granted and released, however long it was ready to wait", async () => {
    const path = space.file();
    await using other = await LockPeer.start();
    await other.acquire("a", path, "exclusive");
    for (const mode of ["exclusive", "shared"] as const) {
      await using peer = await LockPeer.start();
      await peer.startAcquire("w", path, mode, { timeoutMs: 1e9 });
      await untilWaiting(path, 1);
      const granted = peer.granted("w");
      await other.release("a");
      await granted;
      await peer.release("w");
      peer.post("letGo");
      expect(await peer.exited).toBe(0);
      await other.acquire("a", path, "exclusive");
    }
  });

  it("ends by itself after a wait that expired or was aborted", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive");
    await using peer = await LockPeer.start();
    await expect(peer.acquire("w", path, "exclusive", { timeoutMs: 5 })).rejects.toThrow(/timeout/i);
    await peer.startAcquire("x", path, "exclusive", { timeoutMs: 1e9 });
    await peer.call("abort", "x", "enough");
    await expect(peer.granted("x")).rejects.toThrow("enough");
    peer.post("letGo");
    expect(await peer.exited).toBe(0);
    await lock.release();
  });

  it("ends by itself while it holds a lock, and while descriptors are kept open", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("b", space.file("other"), "shared");
    await peer.release("b");
    await peer.acquire("a", path, "exclusive");
    peer.post("letGo");
    expect(await peer.exited).toBe(0);
  });

  it.each([undefined, "koffi", "flock-command"])(
    "is kept alive by a pending wait (binding %s)",
    async (binding) => {
      const path = space.file();
      const lock = await acquireLock(path, "exclusive");
      await using peer = await LockPeer.start({ env: { FLOCKWORK_FLOCK_BINDING: binding } });
      await peer.startAcquire("w", path, "exclusive", { timeoutMs: Infinity });
      await untilWaiting(path, 1);
      peer.post("endWhenGranted", "w", 5);
      await lock.release();
      expect(await peer.exited).toBe(5);
    },
  );
});
