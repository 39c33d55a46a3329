import { existsSync, mkdirSync, renameSync, rmdirSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { LeaseLostError } from "../../src/lock/lock-errors.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until } from "../support/lock-until.ts";

const space = useLockSpace();
const backend = "proper-lockfile";

/** What a rival does that takes the lease away: the directory is another one from now on. */
function takeAway(lockPath: string): void {
  mkdirSync(`${lockPath}.theirs`); // made while ours exists, so that it cannot get the same inode number
  rmdirSync(lockPath);
  renameSync(`${lockPath}.theirs`, lockPath);
}

describe("the proper-lockfile backend", () => {
  it("holds a directory beside the file, and removes it at release", async () => {
    const lock = await acquireLock(space.file(), "exclusive", { backend });
    expect(lock.lockPath).toBe(`${space.file()}.lock`);
    expect(existsSync(lock.lockPath)).toBe(true);
    lock.assertHeld();
    await lock.release();
    expect(existsSync(lock.lockPath)).toBe(false);
  });

  it("offers no shared mode, and says so", async () => {
    await expect(acquireLock(space.file(), "shared", { backend })).rejects.toMatchObject({
      code: "ERR_LOCK_UNSUPPORTED",
      backend,
    });
  });

  it("refuses to mix with flock on the same name, in both directions", async () => {
    const path = space.file();
    writeFileSync(`${path}.lock`, "");
    await expect(acquireLock(path, "exclusive", { backend })).rejects.toMatchObject({
      code: "ERR_LOCK_BACKEND_MISMATCH",
    });
    utimesSync(`${path}.lock`, 1, 1);
    await expect(acquireLock(path, "exclusive", { backend })).rejects.toMatchObject({
      code: "ERR_LOCK_BACKEND_MISMATCH",
    });
    expect(existsSync(`${path}.lock`)).toBe(true);
    await using peer = await LockPeer.start();
    await peer.acquire("a", space.file("other"), "exclusive", { backend });
    await expect(acquireLock(space.file("other"), "exclusive")).rejects.toMatchObject({
      code: "ERR_LOCK_BACKEND_MISMATCH",
    });
    await peer.release("a");
  });

  it("L5: tells its holder that the lease was lost, and leaves the rival's in place", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { backend });
    const { signal } = lock;
    takeAway(lock.lockPath);
    expect(() => lock.assertHeld()).toThrow(LeaseLostError);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(LeaseLostError);
    await lock.release();
    expect(existsSync(lock.lockPath)).toBe(true);
    rmdirSync(lock.lockPath);
  });

  it("L5: has an aborted signal also where it is first asked for after the loss", async () => {
    const lock = await acquireLock(space.file(), "exclusive", { backend });
    takeAway(lock.lockPath);
    expect(() => lock.assertHeld()).toThrow(LeaseLostError);
    expect(lock.signal.aborted).toBe(true);
    await lock.release();
    rmdirSync(lock.lockPath);
  });

  it("L5: notices the loss by itself", async () => {
    const lock = await acquireLock(space.file(), "exclusive", { backend });
    const { signal } = lock;
    takeAway(lock.lockPath);
    await until(() => signal.aborted);
    expect(() => lock.assertHeld()).toThrow(LeaseLostError);
    await lock.release();
    rmdirSync(lock.lockPath);
  });

  it("L1: does not hand a lost lease to the next caller of this process", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { backend });
    let entered = false;
    const next = acquireLock(path, "exclusive", { backend }).then((granted) => {
      entered = true;
      return granted;
    });
    const since = performance.now();
    await until(() => performance.now() > since + 2); // a younger grant is passed on without another look
    takeAway(lock.lockPath);
    await lock.release();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toBe(false);
    rmdirSync(lock.lockPath);
    const granted = await next;
    granted.assertHeld();
    await granted.release();
  });

  it("a lease that was lost does not make the next one look lost", async () => {
    const path = space.file();
    const first = await acquireLock(path, "exclusive", { backend });
    takeAway(first.lockPath);
    await first.release();
    rmdirSync(first.lockPath);
    const second = await acquireLock(path, "exclusive", { backend });
    const canary = await acquireLock(space.file("canary"), "exclusive", { backend });
    takeAway(canary.lockPath);
    await until(() => canary.signal.aborted); // by then the library has looked at both of its leases
    second.assertHeld();
    expect(second.signal.aborted).toBe(false);
    await second.release();
    await canary.release();
    rmdirSync(canary.lockPath);
  });

  it("P2: is free when its holder ends, and breakable when it was killed and the lease ran out", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive", { backend });
    peer.post("exit", 0);
    await peer.exited;
    expect(existsSync(`${path}.lock`)).toBe(false);
    await using other = await LockPeer.start();
    await other.acquire("a", path, "exclusive", { backend });
    await other.kill();
    expect(await tryAcquireLock(path, "exclusive", { backend })).toBeUndefined();
    const long = Date.now() / 1000 - 60;
    utimesSync(`${path}.lock`, long, long);
    const lock = await tryAcquireLock(path, "exclusive", { backend });
    expect(lock).toBeDefined();
    await lock?.release();
  });

  it("P6: one that cannot be looked at is not kept, and the error says what the system refused", async () => {
    const path = space.file();
    const lockPath = `${path}.lock`;
    const restore = substituteFileSystem({
      lstatSync: (each) => {
        if (each === lockPath) throw Object.assign(new Error("injected"), { code: "EIO" });
        return realFileSystem.lstatSync(each);
      },
    });
    const failed = { code: "ERR_LOCK_FAILED", osCode: "EIO" };
    try {
      await expect(acquireLock(path, "exclusive", { backend })).rejects.toMatchObject(failed);
      expect(existsSync(lockPath)).toBe(false);
    } finally {
      restore();
    }
    await (await acquireLock(path, "exclusive", { backend, timeoutMs: 0 })).release();
  });

  it("a wait keeps its process alive, and ends it when the lock was given back", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { backend });
    await using peer = await LockPeer.start();
    await peer.startAcquire("w", path, "exclusive", { backend, timeoutMs: Infinity });
    peer.post("endWhenGranted", "w", 5);
    await lock.release();
    expect(await peer.exited).toBe(5);
  });
});
