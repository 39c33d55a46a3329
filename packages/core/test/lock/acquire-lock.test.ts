import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";

import { acquireLock, acquireLockSync, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { LockTimeoutError } from "../../src/lock/lock-errors.ts";
import type { LockOptions } from "../../src/lock/lock-options.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("acquireLock", () => {
  it("L1: keeps every other exclusive and shared request out while held exclusively", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    const lock = await acquireLock(path, "exclusive");
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(false);
    expect(await peer.tryAcquire("a", path, "shared")).toBe(false);
    expect(await tryAcquireLock(path, "shared")).toBeUndefined();
    await lock.release();
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
  });

  it("P1: lets readers of several processes in side by side, and a writer only after the last", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await using here = await acquireLock(path, "shared");
    await peer.acquire("a", path, "shared");
    expect(here.held).toBe(true);
    expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
    await here.release();
    expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
    await peer.release("a");
    const writer = await tryAcquireLock(path, "exclusive");
    expect(writer?.mode).toBe("exclusive");
    await writer?.release();
  });

  it("describes the held lock, and releases idempotently", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "shared");
    expect(lock).toMatchObject({
      path,
      targetPath: path,
      lockPath: `${path}.lock`,
      mode: "shared",
      held: true,
    });
    expect(lock.signal.aborted).toBe(false);
    lock.assertHeld();
    await lock.release();
    await lock.release();
    lock.releaseSync();
    expect(lock.held).toBe(false);
    expect(() => lock.assertHeld()).toThrow(TypeError);
  });

  it("L3: an old handle released twice does not give back its successor's lock", async () => {
    const path = space.file();
    const first = await acquireLock(path, "exclusive");
    await first.release();
    const second = await acquireLock(path, "exclusive");
    await first.release();
    first.releaseSync();
    expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
    await second.release();
  });

  it("is released at the end of its block by using and await using", async () => {
    const path = space.file();
    {
      await using lock = await acquireLock(path, "exclusive");
      expect(lock.held).toBe(true);
    }
    {
      using lock = acquireLockSync(path, "exclusive");
      expect(lock.held).toBe(true);
    }
    await (await tryAcquireLock(path, "exclusive"))?.release();
  });

  it("P6: names the path, the mode, the timeout and the holder's pid when it gives up", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const failure = await acquireLock(path, "shared", { timeoutMs: 20 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LockTimeoutError);
    const { code, message, holder, timeoutMs, mode } = failure as LockTimeoutError;
    expect({ code, timeoutMs, mode }).toEqual({ code: "ERR_LOCK_TIMEOUT", timeoutMs: 20, mode: "shared" });
    expect(message).toMatch(/timeout/i);
    expect(message).toContain(path);
    expect(message).toContain("shared");
    expect(message).toContain(String(peer.pid));
    expect(holder?.pid).toBe(peer.pid);
  });

  it("tries once where timeoutMs is 0, and takes what is free", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { timeoutMs: 0 });
    await expect(acquireLock(path, "exclusive", { timeoutMs: 0 })).rejects.toMatchObject({
      code: "ERR_LOCK_TIMEOUT",
    });
    await lock.release();
    await (await acquireLock(path, "exclusive", { timeoutMs: 0 })).release();
  });

  it("takes a free lock with timeoutMs 0 right after a contested one", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const waiting = acquireLock(path, "exclusive");
    await untilWaiting(path, 1);
    await peer.release("a");
    const lock = await waiting;
    lock.releaseSync();
    const again = await tryAcquireLock(path, "exclusive");
    expect(again).toBeDefined();
    await again?.release();
  });

  it("waits without end where timeoutMs is Infinity", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    await peer.release("a");
    await (await waiting).release();
  });

  it("L7: rejects with the reason of the signal itself, and holds nothing afterwards", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const controller = new AbortController();
    const reason = { why: "no longer wanted" };
    const waiting = acquireLock(path, "exclusive", { signal: controller.signal, timeoutMs: Infinity });
    await untilWaiting(path, 1);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await peer.release("a");
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
  });

  it("rejects with the reason where the signal aborted before the call", async () => {
    const reason = new Error("before");
    await expect(acquireLock(space.file(), "exclusive", { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    await expect(
      tryAcquireLock(space.file(), "exclusive", { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  it("leaves no listener on a signal, whether granted, timed out or aborted", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    const controller = new AbortController();
    const { signal } = controller;
    await (await acquireLock(path, "exclusive", { signal })).release();
    await peer.acquire("a", path, "exclusive");
    await expect(acquireLock(path, "exclusive", { signal, timeoutMs: 5 })).rejects.toThrow(LockTimeoutError);
    const granted = acquireLock(path, "exclusive", { signal });
    await untilWaiting(path, 1);
    await peer.release("a");
    await (await granted).release();
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await peer.acquire("a", path, "exclusive");
    const aborted = acquireLock(path, "exclusive", { signal });
    controller.abort();
    await expect(aborted).rejects.toBe(signal.reason);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each([
    [{ timeoutMs: -1 }, RangeError],
    [{ timeoutMs: Number.NaN }, RangeError],
    [{ timeoutMs: "5" }, TypeError],
    [{ signal: {} }, TypeError],
    [{ priority: Number.NaN }, TypeError],
    [{ backend: "redis" }, TypeError],
    [{ layout: "nobody" }, TypeError],
    [{ layout: {} }, TypeError],
  ])("refuses the options %j before it touches the disk", async (options, kind) => {
    const path = space.file();
    await expect(acquireLock(path, "exclusive", options as LockOptions)).rejects.toThrow(kind);
    await expect(acquireLock("", "exclusive")).rejects.toThrow(TypeError);
    await expect(acquireLock(`${path}\0`, "exclusive")).rejects.toThrow(TypeError);
    await expect(acquireLock(path, "both" as "shared")).rejects.toThrow(TypeError);
  });
});
