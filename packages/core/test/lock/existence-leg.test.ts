import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import type { LockLayout } from "../../src/lock/lock-layout.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until } from "../support/lock-until.ts";

const space = useLockSpace();

/** FlowForge's legs with a heart that beats at every turn. */
const quick: LockLayout = {
  name: "quick",
  locate: (target) => ({
    legs: [
      { kind: "flock", path: `${target}.flock` },
      {
        kind: "json-file",
        path: `${target}.json`,
        file: target,
        heartbeatMs: 1,
        staleMs: 30_000,
        format: "flowforge",
      },
      { kind: "directory", path: `${target}.dir`, staleMs: 60_000 },
    ],
  }),
};

let restore: (() => void) | undefined;
afterEach(() => {
  restore?.();
  restore = undefined;
});

function fail(code: string): never {
  throw Object.assign(new Error("injected"), { code });
}

function heartbeat(path: string): number {
  return (JSON.parse(readFileSync(`${path}.json`, "utf8")) as { heartbeat: number }).heartbeat;
}

describe("P2: a lock directory that a killed process left half made", () => {
  it("with an unfinished record of ours is broken at once: our kernel lock is held", async () => {
    const path = space.file();
    mkdirSync(`${path}.dir`);
    writeFileSync(join(`${path}.dir`, "flockwork"), "");
    const lock = await tryAcquireLock(path, "exclusive", { layout: quick });
    expect(lock?.held).toBe(true);
    await lock?.release();
  });

  it("empty is broken once it is old, and not before", async () => {
    const path = space.file();
    mkdirSync(`${path}.dir`);
    expect(await tryAcquireLock(path, "exclusive", { layout: quick })).toBeUndefined();
    const then = Date.now() / 1_000 - 6;
    utimesSync(`${path}.dir`, then, then);
    const lock = await tryAcquireLock(path, "exclusive", { layout: quick });
    expect(lock?.held).toBe(true);
    await lock?.release();
    expect(existsSync(`${path}.dir`)).toBe(false);
  });

  it("by a process under another host name is broken at once", async () => {
    const path = space.file();
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const record = JSON.stringify({ pid: process.pid, lockId: "left", hostname: "elsewhere", bootId });
    mkdirSync(`${path}.dir`);
    writeFileSync(join(`${path}.dir`, "flockwork"), record);
    writeFileSync(join(`${path}.dir`, "pid"), `${process.pid}\n`);
    writeFileSync(`${path}.json`, record);
    const lock = await tryAcquireLock(path, "exclusive", { layout: quick });
    expect(lock?.held).toBe(true);
    await lock?.release();
  });

  it("has its record before its pid, and loses it after", async () => {
    const path = space.file();
    const seen: string[] = [];
    restore = substituteFileSystem({
      openSync: (file, flags, mode) => {
        if (file.startsWith(`${path}.dir/`) && mode !== undefined) seen.push(`made ${basename(file)}`);
        return realFileSystem.openSync(file, flags, mode);
      },
      unlinkSync: (file) => {
        if (file.startsWith(`${path}.dir/`)) seen.push(`removed ${basename(file)}`);
        realFileSystem.unlinkSync(file);
      },
    });
    await (await acquireLock(path, "exclusive", { layout: quick })).release();
    expect(seen).toEqual(["made flockwork", "made pid", "removed pid", "removed flockwork"]);
  });
});

describe("the heartbeat", () => {
  it("is written anew while the lock is held, by a file that is always whole", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { layout: quick });
    const first = heartbeat(path);
    await until(() => heartbeat(path) > first);
    lock.assertHeld();
    await lock.release();
    expect(existsSync(`${path}.json`)).toBe(false);
  });

  it.each(["renameSync", "writeSync"] as const)("goes on after a beat that failed in %s", async (call) => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { layout: quick });
    let failures = 0;
    restore = substituteFileSystem({
      [call]: () => {
        failures += 1;
        return fail("ENOSPC");
      },
    });
    await until(() => failures > 0);
    restore();
    const seen = heartbeat(path);
    await until(() => heartbeat(path) > seen);
    await lock.release();
  });

  it("does not write over the lock of another", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { layout: quick });
    const theirs = JSON.stringify({ pid: process.pid, lockId: "theirs" });
    realFileSystem.unlinkSync(`${path}.json`);
    const fd = realFileSystem.openSync(`${path}.json`, 0o101, 0o644);
    realFileSystem.writeSync(fd, Buffer.from(theirs), 0, theirs.length, 0);
    realFileSystem.closeSync(fd);
    let looks = 0;
    restore = substituteFileSystem({
      fstatSync: (of) => {
        looks += 1;
        return realFileSystem.fstatSync(of);
      },
    });
    await until(() => looks > 0); // a beat looked at it, and then stopped
    expect(readFileSync(`${path}.json`, "utf8")).toBe(theirs);
    await lock.release();
    expect(readFileSync(`${path}.json`, "utf8")).toBe(theirs);
  });

  it("aborts the lock's signal when it finds the lock gone", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { layout: quick });
    const { signal } = lock;
    realFileSystem.unlinkSync(`${path}.json`);
    await until(() => signal.aborted);
    expect(signal.reason).toMatchObject({ code: "ERR_LEASE_LOST" });
    await lock.release();
  });
});

describe("P6: a failure while the legs are taken", () => {
  it.each(["writeSync", "mkdirSync", "linkSync"] as const)("in %s leaves nothing behind", async (call) => {
    const path = space.file();
    const left = new Set<number>();
    for (let nth = 1; nth <= 4; nth += 1) {
      let calls = 0;
      restore = substituteFileSystem({
        [call]: (...values: readonly unknown[]) => {
          calls += 1;
          if (calls === nth) return fail("ENOSPC");
          return (realFileSystem[call] as (...of: readonly unknown[]) => unknown)(...values);
        },
      });
      const outcome = await tryAcquireLock(path, "exclusive", { layout: quick }).catch(
        (error: unknown) => error,
      );
      restore();
      if (calls >= nth) {
        expect(outcome).toMatchObject({ code: "ERR_LOCK_FAILED", osCode: "ENOSPC" });
        left.add(nth);
      } else await (outcome as { release(): Promise<void> }).release();
      expect(readdirSync(space.directory).filter((name) => !name.endsWith("flock"))).toEqual([]);
      const lock = await tryAcquireLock(path, "exclusive", { layout: quick });
      expect(lock).toBeDefined();
      await lock?.release();
    }
    expect(left.size).toBeGreaterThan(0);
  });

  it("in the removal of one leg still releases the others, and says so", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive", { layout: quick });
    restore = substituteFileSystem({ rmdirSync: () => fail("EIO") });
    await expect(lock.release()).rejects.toMatchObject({ osCode: "EIO" });
    restore();
    expect(existsSync(`${path}.json`)).toBe(false);
    realFileSystem.rmdirSync(`${path}.dir`);
    await using peer = await LockPeer.start();
    expect(await peer.tryAcquire("a", `${path}.x`, "exclusive")).toBe(true);
  });
});

describe("a disk that is filling up", () => {
  it("takes a record in parts, and the lock is whole, given back, and taken again", async () => {
    const path = space.file("data.json");
    restore = substituteFileSystem({
      writeSync: (fd, bytes, offset, length, position) =>
        realFileSystem.writeSync(fd, bytes, offset, Math.ceil(length / 2), position),
    });
    const lock = await acquireLock(path, "exclusive", { layout: quick });
    const record = JSON.parse(readFileSync(`${path}.json`, "utf8")) as { readonly pid: number };
    expect(record.pid).toBe(process.pid);
    await lock.release();
    restore();
    const again = await tryAcquireLock(path, "exclusive", { layout: quick });
    expect(again?.held).toBe(true);
    await again?.release();
  });
});
