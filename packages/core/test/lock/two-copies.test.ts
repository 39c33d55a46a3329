import { describe, expect, it } from "vitest";

import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("P1: two copies of the package in one process", () => {
  it.each(["main thread", "worker"])("exclude each other (%s)", async (place) => {
    const path = space.file();
    await using peer = await LockPeer.start({ worker: place === "worker" });
    expect(await peer.call("copyIsDistinct")).toBe(true);
    await peer.acquire("a", path, "exclusive");
    expect(await peer.call("tryAcquireInCopy", "b", path, "shared")).toBe(false);
    const waiting = peer.call("acquireInCopy", "b", path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    await peer.release("a");
    expect((await waiting).held).toBe(true);
    expect(await peer.tryAcquire("a", path, "shared")).toBe(false);
    await peer.release("b");
  });

  it("P13: refuse at once a synchronous wait for what the other copy holds in this thread", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    await expect(
      peer.call("acquireSyncInCopy", "b", path, "exclusive", { timeoutMs: Infinity }),
    ).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
    await peer.release("a");
    await peer.call("acquireSyncInCopy", "b", path, "exclusive");
    await expect(peer.acquireSync("a", path, "shared", { timeoutMs: Infinity })).rejects.toMatchObject({
      code: "ERR_LOCK_REENTRY",
    });
    await peer.release("b");
    await peer.acquireSync("a", path, "shared");
  });

  it("share as readers, synchronously too", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "shared");
    expect(await peer.call("tryAcquireInCopy", "b", path, "shared")).toBe(true);
    await peer.call("acquireSyncInCopy", "c", path, "shared", { timeoutMs: 0 });
  });
});
