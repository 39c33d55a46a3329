import { closeSync, openSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { acquireLock, tryAcquireLock, tryAcquireLockSync } from "../../src/lock/acquire-lock.ts";
import type { LockMode } from "../../src/lock/lock-mode.ts";
import { flock, substituteFlock } from "../../src/platform/flock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
let restore: (() => void) | undefined;
afterEach(() => {
  restore?.();
  restore = undefined;
});

/** The calls in the kernel that are made for the lock itself from now on, in order: its gate's have no data file. */
function callsForTheLock(): string[] {
  const calls: string[] = [];
  const real = { ...flock };
  const ofGates = new WeakSet();
  restore = substituteFlock({
    prepare: (...request) => {
      const prepared = real.prepare(...request);
      if (request[2] === "") ofGates.add(prepared);
      return prepared;
    },
    attempt: (prepared, mode) => {
      if (!ofGates.has(prepared)) calls.push("try");
      return real.attempt(prepared, mode);
    },
    wait: (...request) => {
      calls.push("wait");
      return real.wait(...request);
    },
  });
  return calls;
}

const modes: readonly LockMode[] = ["exclusive", "shared"];

it.each(modes)(
  "who finds a lock busy (%s) tries it once more, a turn later, before it waits in the kernel's queue",
  async (mode) => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await peer.acquire("held", path, "exclusive");
    const calls = callsForTheLock();
    const waiting = acquireLock(path, mode, { timeoutMs: Infinity });
    expect(calls).toEqual(["try"]);
    await untilWaiting(path, 1);
    expect(calls).toEqual(["try", "try", "wait"]);
    await peer.release("held");
    await (await waiting).release();
    expect(calls).toEqual(["try", "try", "wait"]);
  },
);

it("who will not wait tries once", async () => {
  const path = space.file();
  await using peer = await LockPeer.start();
  await peer.acquire("held", path, "exclusive");
  const calls = callsForTheLock();
  expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
  await expect(acquireLock(path, "exclusive", { timeoutMs: 0 })).rejects.toMatchObject({
    code: "ERR_LOCK_TIMEOUT",
  });
  expect(calls).toEqual(["try", "try"]);
});

it.each([
  ["tryAcquireLock", tryAcquireLock],
  ["tryAcquireLockSync", tryAcquireLockSync],
])("a wait that was given up keeps %s from no free lock", async (_name, tryNow) => {
  const path = space.file();
  await (await acquireLock(path, "exclusive")).release(); // the lock file is there
  const holder = openSync(`${path}.lock`, "r+");
  expect(flock.tryLock(holder, "exclusive")).toBe(true);
  const controller = new AbortController();
  const waiting = acquireLock(path, "exclusive", { signal: controller.signal, timeoutMs: Infinity });
  await untilWaiting(path, 1);
  controller.abort("enough");
  closeSync(holder);
  const lock = await tryNow(path, "exclusive");
  await expect(waiting).rejects.toBe("enough");
  expect(lock).toBeDefined();
  await lock?.release();
});
