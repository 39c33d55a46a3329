/** The unit tests that jit's guide to its locks lists, by their names there, with programs where it has threads. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, LockTimeoutError, tryAcquireLock, withWriteLock } from "@flockwork/core";
import { describe, expect, it } from "vitest";
import { openJit } from "../../src/jit.ts";
import { Program, temporaryDirectory } from "../support/surroundings.ts";

const layout = { layout: "jit" } as const;

function index(): { readonly directory: string; readonly file: string } {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, ".jit"));
  return { directory, file: join(directory, ".jit/index.json") };
}

/** A program that holds the lock of the index. */
async function holder(directory: string, mode: "exclusive" | "shared"): Promise<Program> {
  const program = new Program("jit-document.ts", directory, mode);
  expect(await program.message()).toBe("held");
  return program;
}

describe("jit's unit tests", () => {
  it("test_exclusive_lock_acquired: a lock that nobody holds is had at once", async () => {
    const lock = await acquireLock(index().file, "exclusive", { ...layout, timeoutMs: 0 });
    expect(lock.mode).toBe("exclusive");
    await lock.release();
  });

  it("test_shared_lock_acquired: the same, shared", async () => {
    const lock = await acquireLock(index().file, "shared", { ...layout, timeoutMs: 0 });
    expect(lock.mode).toBe("shared");
    await lock.release();
  });

  it("test_try_lock_non_blocking: of a lock that is held, a try comes back with nothing", async () => {
    const { directory, file } = index();
    const program = await holder(directory, "exclusive");
    expect(await tryAcquireLock(file, "exclusive", layout)).toBeUndefined();
    expect(await tryAcquireLock(file, "shared", layout)).toBeUndefined();
    await program.kill();
  });

  it("test_lock_released_on_drop: a lock is free when its holder lets go, throws or dies", async () => {
    const { directory, file } = index();
    await (await acquireLock(file, "exclusive", layout)).release();
    await expect(
      withWriteLock(file, () => Promise.reject(new Error("work")), { ...layout, timeoutMs: 0 }),
    ).rejects.toThrow("work");
    await (await holder(directory, "exclusive")).kill();
    await (await acquireLock(file, "exclusive", { ...layout, timeoutMs: 0 })).release();
  });

  it("test_exclusive_lock_prevents_concurrent_writes: while one is held, nobody writes or reads under the lock", async () => {
    const { directory, file } = index();
    const program = await holder(directory, "exclusive");
    for (const mode of ["exclusive", "shared"] as const)
      await expect(acquireLock(file, mode, { ...layout, timeoutMs: 20 })).rejects.toThrow(LockTimeoutError);
    await expect(openJit(directory).create({ title: "a" }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: "ERR_LOCK_TIMEOUT",
    });
    await program.kill();
    expect(await openJit(directory).list()).toEqual([]);
  });

  it("test_shared_locks_allow_concurrent_reads: many hold it shared, and keep writers out", async () => {
    const { directory, file } = index();
    const programs = [await holder(directory, "shared"), await holder(directory, "shared")];
    const mine = await acquireLock(file, "shared", { ...layout, timeoutMs: 0 });
    expect(await tryAcquireLock(file, "exclusive", layout)).toBeUndefined();
    await mine.release();
    await Promise.all(programs.map((program) => program.kill()));
  });
});
