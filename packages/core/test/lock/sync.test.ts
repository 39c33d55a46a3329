import { linkSync, unlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { acquireLock, acquireLockSync, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { LockReentryError, LockTimeoutError, LockUnsupportedError } from "../../src/lock/lock-errors.ts";
import { UnsafePathError } from "../../src/errors.ts";
import { counted } from "../support/lock-counting.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("synchronous locks", () => {
  it("P1: exclude other processes, time out, and say who holds", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    for (const mode of ["shared", "exclusive"] as const) {
      for (const timeoutMs of [0, 40]) {
        expect(() => acquireLockSync(path, mode, { timeoutMs })).toThrow(LockTimeoutError);
        expect(() => acquireLockSync(path, mode, { timeoutMs })).toThrow(String(peer.pid));
      }
    }
    await peer.release("a");
    const lock = acquireLockSync(path, "exclusive");
    expect(await peer.tryAcquire("a", path, "shared")).toBe(false);
    lock.releaseSync();
  });

  it("are granted while this thread blocks, once the other process gives the lock back", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await using helper = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const blocked = helper.acquireSync("s", path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    await peer.release("a");
    expect((await blocked).held).toBe(true);
    await helper.release("s");
  });

  it("share with a reader of this thread, and refuse at once what would wait for it", async () => {
    const path = space.file();
    const reader = await acquireLock(path, "shared");
    acquireLockSync(path, "shared").releaseSync();
    expect(() => acquireLockSync(path, "exclusive", { timeoutMs: Infinity })).toThrow(LockReentryError);
    await reader.release();
    const writer = await acquireLock(path, "exclusive");
    expect(() => acquireLockSync(path, "shared", { timeoutMs: Infinity })).toThrow(LockReentryError);
    await writer.release();
  });

  it.each(["exclusive", "shared"] as const)(
    "go before a pending %s wait of the same thread, which is granted afterwards",
    async (mode) => {
      const path = space.file();
      await using peer = await LockPeer.start();
      await peer.acquire("a", path, "exclusive");
      const waiting = acquireLock(path, mode, { timeoutMs: Infinity });
      await untilWaiting(path, 1);
      expect(() => acquireLockSync(path, "exclusive", { timeoutMs: 30 })).toThrow(LockTimeoutError);
      await untilWaiting(path, 1);
      expect(() => acquireLockSync(path, "shared", { timeoutMs: 0 })).toThrow(LockTimeoutError);
      await peer.release("a");
      await (await waiting).release();
    },
  );

  it("leave a pending wait granted where the grant came before the synchronous call looked", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    for (let round = 0; round < 15; round += 1) {
      await peer.acquire("a", path, "exclusive");
      const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
      await untilWaiting(path, 1);
      const released = peer.release("a");
      acquireLockSync(path, "exclusive", { timeoutMs: Infinity }).releaseSync();
      await released;
      await (await waiting).release();
      expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
      await peer.release("a");
    }
  });

  it("that fail leave the asynchronous waits of their thread to be settled on their own merits", async () => {
    const path = space.file();
    writeFileSync(path, "");
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity }).catch((error: unknown) => error);
    await untilWaiting(path, 1);
    linkSync(path, `${path}.name`);
    expect(() => acquireLockSync(path, "exclusive", { timeoutMs: 0 })).toThrow(UnsafePathError);
    expect(await waiting).toBeInstanceOf(UnsafePathError);
    unlinkSync(`${path}.name`);
    await peer.release("a");
    await (await acquireLock(path, "exclusive")).release();
  });

  it("that are refused by the lease backend do not strand the waits of their thread", async () => {
    const path = space.file();
    const backend = "proper-lockfile";
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive", { backend });
    const waiting = acquireLock(path, "exclusive", { backend, timeoutMs: Infinity });
    expect(() => acquireLockSync(path, "shared", { backend })).toThrow(LockUnsupportedError);
    await peer.release("a");
    await (await waiting).release();
  });

  it("that fail while they wait do not keep readers of other processes out", async () => {
    const path = space.file();
    writeFileSync(path, "");
    await using holder = await LockPeer.start();
    await using writer = await LockPeer.start();
    await holder.acquire("r", path, "shared"); // this also makes the gate
    const blocked = writer.acquireSync("w", path, "exclusive", { timeoutMs: Infinity });
    const failed = blocked.catch((error: unknown) => error);
    await untilWaiting(path, 1);
    linkSync(path, `${path}.name`);
    expect(await failed).toMatchObject({ code: "ERR_UNSAFE_PATH" });
    unlinkSync(`${path}.name`);
    const reader = await tryAcquireLock(path, "shared");
    expect(reader).toBeDefined();
    await reader?.release();
  });

  it("T9: mixed with asynchronous callers in several threads and processes lose no update", async () => {
    const path = space.file();
    const places = [{ worker: true }, { worker: true }, { worker: false }];
    const peers = await Promise.all(places.map((place) => LockPeer.start(place)));
    const callers = 10; // thirty in all
    await Promise.all(peers.map((peer) => peer.call("count", { path, times: 15, callers, kind: "mixed" })));
    await Promise.all(peers.map((peer) => peer.kill()));
    expect(counted(path)).toBe(3 * 15 * callers);
  });
});
