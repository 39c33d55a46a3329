import { expect, it } from "vitest";

import { tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import {
  withReadLock,
  withReadLockSync,
  withWriteLock,
  withWriteLockSync,
} from "../../src/lock/with-lock.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();

it("gives back what the work gives back", async () => {
  const path = space.file();
  expect(await withReadLock(path, () => 1)).toBe(1);
  expect(await withWriteLock(path, async () => Promise.resolve(2))).toBe(2);
  expect(withReadLockSync(path, () => 3)).toBe(3);
  expect(withWriteLockSync(path, () => 4)).toBe(4);
});

it("throws what the work throws, and releases", async () => {
  const path = space.file();
  const error = new Error("the work's own");
  const fail = (): never => {
    throw error;
  };
  await expect(withReadLock(path, fail)).rejects.toBe(error);
  await expect(withWriteLock(path, () => Promise.reject(error))).rejects.toBe(error);
  expect(() => withReadLockSync(path, fail)).toThrow(error);
  expect(() => withWriteLockSync(path, fail)).toThrow(error);
  await (await tryAcquireLock(path, "exclusive", { timeoutMs: 0 }))?.release();
});

it("holds the lock until the promise of the work settles", async () => {
  const path = space.file();
  const work = Promise.withResolvers<void>();
  const done = withWriteLock(path, () => work.promise);
  expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
  work.resolve();
  await done;
  const lock = await tryAcquireLock(path, "exclusive");
  expect(lock).toBeDefined();
  await lock?.release();
});

it("refuses synchronous work that returns a promise", async () => {
  const path = space.file();
  expect(() => withWriteLockSync(path, async () => Promise.resolve())).toThrow(TypeError);
  await (await tryAcquireLock(path, "exclusive"))?.release();
});

it("does not run the work where the lock cannot be had", async () => {
  const path = space.file();
  let ran = false;
  const lock = await tryAcquireLock(path, "exclusive");
  await expect(withWriteLock(path, () => (ran = true), { timeoutMs: 1 })).rejects.toThrow(/timeout/i);
  await lock?.release();
  expect(ran).toBe(false);
});
