import { readdirSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";

import type { FlockSystemError } from "@flockwork/flock";
import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { configureLocks } from "../../src/lock/lock-settings.ts";
import { flock, GrantCheck, substituteFlock } from "../../src/platform/flock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until, untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
let restore: (() => void) | undefined;
afterEach(() => {
  restore?.();
  restore = undefined;
  configureLocks({});
});

function fail(code: string): never {
  throw Object.assign(new Error("injected"), { code });
}

function openedAs(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the one that lists them
  }
}

it("P6: a check that fails as the lock is passed on neither keeps it from others nor strands who waits", async () => {
  configureLocks({ cohortMs: Infinity });
  const path = space.file();
  await using peer = await LockPeer.start();
  const lock = await acquireLock(path, "exclusive");
  const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
  const since = performance.now();
  await until(() => performance.now() > since + 2); // a younger grant is passed on unseen
  let failures = 0;
  restore = substituteFlock({
    checkGrant: () => {
      failures += 1;
      return fail("EIO");
    },
  });
  await lock.release().catch(() => undefined);
  restore();
  expect(failures).toBeGreaterThan(0);
  await (await waiting).release();
  expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
});

it("P6: a release that fails in the kernel gives the lock back all the same, and lets the next one in", async () => {
  const path = space.file();
  await using peer = await LockPeer.start();
  const lock = await acquireLock(path, "shared");
  const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
  restore = substituteFlock({ unlock: () => fail("ENOLCK") });
  await expect(lock.release()).rejects.toMatchObject({ code: "ERR_LOCK_FAILED", osCode: "ENOLCK" });
  restore();
  await (await waiting).release();
  expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
});

it("P6: an attempt that fails in the kernel is typed, and leaves nothing held", async () => {
  const path = space.file();
  await using peer = await LockPeer.start();
  restore = substituteFlock({ attempt: () => fail("ENOLCK") });
  await expect(acquireLock(path, "exclusive")).rejects.toMatchObject({
    code: "ERR_LOCK_FAILED",
    osCode: "ENOLCK",
  });
  restore();
  expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
  await peer.release("a");
  await (await acquireLock(path, "exclusive")).release();
});

it("P6: an fcntl lock that the kernel refuses once the flock is granted is typed, and leaves neither", async () => {
  const path = space.file();
  const layout = "todo2";
  await using peer = await LockPeer.start();
  restore = substituteFlock({ tryFcntl: () => fail("ENOLCK") });
  const failure = { code: "ERR_LOCK_FAILED", osCode: "ENOLCK" };
  await expect(acquireLock(path, "exclusive", { layout })).rejects.toMatchObject(failure);
  restore();
  expect(await peer.tryAcquire("a", path, "exclusive", { layout })).toBe(true);
  await peer.release("a");
  const lock = await acquireLock(path, "exclusive", { layout });
  restore = substituteFlock({ unlockFcntl: () => fail("ENOLCK") });
  await expect(lock.release()).rejects.toMatchObject(failure);
  restore();
  expect(await peer.tryAcquire("a", path, "exclusive", { layout })).toBe(true);
});

it("P6: a flock that was granted in vain and cannot be given back is typed, and is not held", async () => {
  const [path, other] = [space.file("one"), space.file("two")];
  await using peer = await LockPeer.start();
  const failure = { code: "ERR_LOCK_FAILED", osCode: "ENOLCK" };
  restore = substituteFlock({ tryFcntl: () => false, unlock: () => fail("ENOLCK") }); // a neighbour has the fcntl lock
  await expect(tryAcquireLock(path, "exclusive", { layout: "todo2" })).rejects.toMatchObject(failure);
  restore();
  expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
  configureLocks({ cachedDescriptors: 0 });
  restore = substituteFlock({ checkGrant: () => GrantCheck.lockReplaced, unlock: () => fail("ENOLCK") });
  await expect(acquireLock(other, "exclusive")).rejects.toMatchObject(failure);
  restore();
  expect(await peer.tryAcquire("b", other, "exclusive")).toBe(true);
});

it.runIf(process.platform === "linux")(
  "P6: a shared attempt that fails keeps no descriptor, of its gate neither",
  async () => {
    const path = space.file();
    const real = { ...flock };
    let attempts = 0;
    restore = substituteFlock({
      attempt: (prepared, mode) => ((attempts += 1) === 1 ? real.attempt(prepared, mode) : fail("ENOLCK")), // the gate is first
    });
    await expect(acquireLock(path, "shared")).rejects.toMatchObject({ osCode: "ENOLCK" });
    expect(attempts).toBe(2);
    const open = readdirSync("/proc/self/fd").filter((fd) => openedAs(fd).startsWith(path));
    expect(open).toEqual([]);
  },
);

it("P6: a wait that fails in the kernel, at once or later, is typed, and leaves nothing held", async () => {
  const path = space.file();
  await using peer = await LockPeer.start();
  const failure = { code: "ERR_LOCK_FAILED", osCode: "ENOLCK" };
  await peer.acquire("a", path, "exclusive");
  restore = substituteFlock({ wait: () => fail("ENOLCK") });
  await expect(acquireLock(path, "exclusive")).rejects.toMatchObject(failure);
  restore();
  restore = substituteFlock({
    wait: (_prepared, _mode, ended) => {
      const error = Object.assign(new Error("injected"), { osCode: "ENOLCK" }) as FlockSystemError;
      setImmediate(() => ended(error));
      return { cancel: () => undefined, cancelSync: () => false };
    },
  });
  await expect(acquireLock(path, "exclusive")).rejects.toMatchObject(failure);
  restore();
  await peer.release("a");
  await (await acquireLock(path, "exclusive")).release();
  expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
});

it("P6: where descriptors are not kept, a call that fails in the kernel is typed, and leaves nothing held", async () => {
  configureLocks({ cachedDescriptors: 0 });
  const path = space.file();
  await using peer = await LockPeer.start();
  await (await acquireLock(path, "exclusive")).release();
  restore = substituteFlock({ openLocked: () => fail("EIO") });
  const failure = { code: "ERR_LOCK_FAILED", osCode: "EIO" };
  await expect(acquireLock(path, "exclusive")).rejects.toMatchObject(failure);
  const real = { ...flock };
  restore();
  restore = substituteFlock({
    closeLocked: (fd) => {
      real.closeLocked(fd);
      fail("EIO");
    },
  });
  const lock = await acquireLock(path, "exclusive");
  await expect(lock.release()).rejects.toMatchObject(failure);
  restore();
  expect(await peer.tryAcquire("a", path, "exclusive")).toBe(true);
});

it("P1: a reader that turns out to want another file does not let the next one in without a lock", async () => {
  const [one, two, link] = [space.file("one"), space.file("two"), space.file("link")];
  writeFileSync(one, "");
  writeFileSync(two, "");
  symlinkSync("one", link);
  await using holder = await LockPeer.start();
  await using writer = await LockPeer.start();
  await holder.acquire("a", one, "exclusive");
  const astray = acquireLock(link, "shared", { timeoutMs: Infinity });
  const reader = acquireLock(one, "shared", { timeoutMs: Infinity });
  await untilWaiting(one, 1);
  unlinkSync(link);
  symlinkSync("two", link);
  // When the one that went astray gives the lock back, somebody else is quicker than our next try.
  const real = { ...flock };
  let lost: "not yet" | "next" | "done" = "not yet";
  restore = substituteFlock({
    unlock: (fd) => {
      real.unlock(fd);
      if (lost === "not yet" && readlinkSync(`/proc/self/fd/${fd}`) === `${one}.lock`) lost = "next";
    },
    attempt: (prepared, mode) => {
      if (lost !== "next") return real.attempt(prepared, mode);
      lost = "done";
      return GrantCheck.busy;
    },
  });
  await holder.release("a");
  const granted = await reader;
  const elsewhere = await astray;
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(elsewhere.targetPath).toBe(two);
  expect(await writer.tryAcquire("w", one, "exclusive")).toBe(false);
  await granted.release();
  await elsewhere.release();
});
