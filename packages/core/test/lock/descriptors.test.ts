import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { afterEach, describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { closeIdleLocks } from "../../src/lock/descriptor-cache.ts";
import { configureLocks } from "../../src/lock/lock-settings.ts";
import { withReadLock, withWriteLock, withWriteLockSync } from "../../src/lock/with-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until, untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

afterEach(() => {
  configureLocks({});
  closeIdleLocks();
});

/** Lock files of the test's directory that this process has open. */
function open(): readonly string[] {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ""; // the descriptor of the listing itself
    }
  });
  return links.filter((link) => link.startsWith(`${space.directory}/`));
}

describe("T13: descriptors", () => {
  it("stay within their bound over a thousand files, read or written", async () => {
    configureLocks({ cachedDescriptors: 8 });
    for (let at = 0; at < 1_000; at += 1) {
      const use = at % 3 === 0 ? withReadLock : at % 3 === 1 ? withWriteLock : withWriteLockSync;
      await use(space.file(`${at}`), () => undefined);
      if (at % 100 === 99) expect(open().length).toBeLessThanOrEqual(2 * 8); // a lock and its gate
    }
  });

  it("stay within their bound over files that somebody else holds", async () => {
    configureLocks({ cachedDescriptors: 8 });
    await using peer = await LockPeer.start();
    for (let at = 0; at < 100; at += 1) await peer.acquire(`${at}`, space.file(`${at}`), "exclusive");
    for (let at = 0; at < 100; at += 1) {
      expect(
        await tryAcquireLock(space.file(`${at}`), at % 2 === 0 ? "shared" : "exclusive"),
      ).toBeUndefined();
    }
    expect(open().length).toBeLessThanOrEqual(2 * 8);
  });

  it("of the locks used least recently go first", async () => {
    configureLocks({ cachedDescriptors: 2 });
    for (const name of ["a", "b", "a", "c"]) await withWriteLock(space.file(name), () => undefined);
    expect(open().toSorted()).toEqual([space.file("a.lock"), space.file("c.lock")]);
  });

  it("shrink to a bound that was lowered", async () => {
    for (let at = 0; at < 10; at += 1) await withWriteLock(space.file(`${at}`), () => undefined);
    expect(open()).toHaveLength(10);
    configureLocks({ cachedDescriptors: 2 });
    await withWriteLock(space.file("one more"), () => undefined);
    expect(open().length).toBeLessThanOrEqual(2);
  });

  it("are closed at each release where none may be kept", async () => {
    configureLocks({ cachedDescriptors: 0 });
    await withWriteLock(space.file(), () => expect(open()).toHaveLength(1));
    await withReadLock(space.file(), () => undefined);
    expect(open()).toEqual([]);
  });

  it("that are not kept guard against the same flaws as those that are", async () => {
    configureLocks({ cachedDescriptors: 0 });
    const path = space.file();
    const lock = `${path}.lock`;
    const use = (): Promise<string> => withWriteLock(path, (held) => held.lockPath);
    expect(await use()).toBe(lock); // from now on by the short way
    unlinkSync(lock);
    mkdirSync(lock);
    await expect(use()).rejects.toMatchObject({ code: "ERR_LOCK_BACKEND_MISMATCH" });
    rmdirSync(lock);
    symlinkSync("elsewhere", lock);
    await expect(use()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH", path: lock });
    unlinkSync(lock);
    execFileSync("mkfifo", [lock]);
    await expect(use()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH", path: lock });
    unlinkSync(lock);
    writeFileSync(path, "");
    linkSync(path, space.file("second"));
    await expect(use()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    unlinkSync(path);
    symlinkSync("second", path);
    expect(await use()).toBe(space.file("second.lock"));
    expect(open()).toEqual([]);
  });

  it("that are not kept are waited for, and handed over, like any other", async () => {
    configureLocks({ cachedDescriptors: 0 });
    const path = space.file();
    await using peer = await LockPeer.start();
    await withWriteLock(path, () => undefined);
    await peer.acquire("a", path, "exclusive");
    expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
    const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    await peer.release("a");
    const lock = await waiting;
    expect(await peer.tryAcquire("a", path, "shared")).toBe(false);
    await lock.release();
    expect(await peer.tryAcquire("a", path, "shared")).toBe(true);
    expect(open()).toEqual([]);
  });

  it("are closed when they were not used for a while, and while nothing else happens", async () => {
    configureLocks({ idleCloseMs: 1 });
    await withReadLock(space.file(), () => undefined);
    await until(() => open().length === 0);
    await withWriteLock(space.file(), () => undefined);
  });

  it("are kept without end, and without a busy timer or a warning, where idleCloseMs is Infinity", async () => {
    await using peer = await LockPeer.start();
    await peer.call("configure", { idleCloseMs: Infinity });
    await peer.acquire("a", space.file(), "exclusive");
    await peer.release("a");
    await peer.call("configure", { idleCloseMs: 2 ** 40 });
    await peer.acquire("a", space.file("b"), "exclusive");
    await peer.release("a");
    expect(peer.stderr).toBe("");
  });

  it.each([closeIdleLocks, () => configureLocks({ idleCloseMs: 0 })])(
    "in use by a wait are not closed under it (%s)",
    async (disturb) => {
      const path = space.file();
      await using peer = await LockPeer.start();
      await using third = await LockPeer.start();
      await withWriteLock(path, () => undefined);
      await peer.acquire("a", path, "exclusive");
      const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
      await untilWaiting(path, 1);
      disturb();
      for (let at = 0; at < 70; at += 1) await withWriteLock(space.file(`other ${at}`), () => undefined);
      await peer.release("a");
      const lock = await waiting;
      expect(await third.tryAcquire("t", path, "shared")).toBe(false);
      await lock.release();
    },
  );

  it("that are held survive a request to close the idle ones", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    const lock = await acquireLock(path, "shared");
    closeIdleLocks();
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(false);
    await lock.release();
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
    await peer.release("a");
  });
});

describe("configureLocks", () => {
  it.each([
    { cohortCallers: 0 },
    { cohortCallers: 1.5 },
    { cachedDescriptors: -1 },
    { cohortMs: -1 },
    { idleCloseMs: Number.NaN },
  ])("refuses %j", (settings) => {
    expect(() => configureLocks(settings)).toThrow(RangeError);
  });
});
