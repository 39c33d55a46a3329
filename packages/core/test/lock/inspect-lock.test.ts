import { join } from "node:path";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { cleanStaleLocks } from "../../src/lock/clean-stale-locks.ts";
import { closeIdleLocks } from "../../src/lock/descriptor-cache.ts";
import { inspectLock, listLocks } from "../../src/lock/inspect-lock.ts";
import { withReadLock, withWriteLock } from "../../src/lock/with-lock.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { deadPid, Neighbour } from "../support/lock-neighbours.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("inspectLock", () => {
  it("makes nothing, and tells of a lock that never was", () => {
    expect(inspectLock(space.file())).toEqual({
      lockPath: `${space.file()}.lock`,
      exists: false,
      held: false,
      mode: undefined,
      holders: [],
      waiters: [],
      waitingHere: 0,
      heldForMs: undefined,
    });
    expect(readdirSync(space.directory)).toEqual([]);
  });

  it("tells who holds and who waits, from the kernel's table and not from the text in the file", async () => {
    const path = space.file();
    await using holder = await LockPeer.start();
    await using waiter = await LockPeer.start();
    writeFileSync(`${path}.lock`, "999999\n");
    await holder.acquire("a", path, "exclusive");
    await waiter.startAcquire("w", path, "exclusive");
    await untilWaiting(path, 1);
    const seen = inspectLock(path);
    expect(seen).toMatchObject({
      exists: true,
      held: true,
      mode: "exclusive",
      waitingHere: 0,
      heldForMs: undefined,
    });
    expect(seen.holders).toMatchObject([{ pid: holder.pid, mode: "exclusive", thisProcess: false }]);
    expect(seen.waiters).toMatchObject([{ pid: waiter.pid, mode: "exclusive" }]);
    expect(seen.holders[0]?.program).toBeTypeOf("string");
    expect(seen.holders[0]?.startTicks).toMatch(/^\d+$/);
    expect(seen.holders[0]?.description).toContain(String(holder.pid));
    await holder.release("a");
    await waiter.granted("w");
    expect(inspectLock(path).holders).toMatchObject([{ pid: waiter.pid }]);
  });

  it("counts what this process holds and how many of it wait", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive");
    const waiting = [acquireLock(path, "exclusive"), acquireLock(path, "shared")];
    const seen = inspectLock(path);
    expect(seen).toMatchObject({ held: true, mode: "exclusive", waitingHere: 2 });
    expect(seen.holders).toMatchObject([{ pid: process.pid, thisProcess: true }]);
    expect(seen.heldForMs).toBeGreaterThanOrEqual(0);
    await lock.release();
    for (const next of waiting) await (await next).release();
  });

  it("tells who holds FlowForge's locks, which consist in being there, and for how long; not what the dead left", () => {
    const path = space.file("data.json");
    const look = (): ReturnType<typeof inspectLock> => inspectLock(path, { layout: "flowforge" });
    mkdirSync(`${path}.lock`);
    writeFileSync(`${path}.lock/pid`, `${process.pid}\n`);
    expect(look()).toMatchObject({ held: true, mode: "exclusive", holders: [{ pid: process.pid }] });
    rmSync(`${path}.lock`, { recursive: true });
    expect(look()).toMatchObject({ held: false, holders: [] });
    const theirs = (pid: number, timestamp: number): string =>
      JSON.stringify({ pid, lockId: "theirs", timestamp, holder: "someone", file: path });
    mkdirSync(space.file(".flowforge/.locks"), { recursive: true });
    writeFileSync(space.file(".flowforge/.locks/data.json.lock"), theirs(process.ppid, Date.now() - 20_000));
    expect(look()).toMatchObject({ held: true, holders: [{ pid: process.ppid, thisProcess: false }] });
    expect(look().heldForMs).toBeGreaterThanOrEqual(20_000);
    writeFileSync(space.file(".flowforge/.locks/data.json.lock"), theirs(deadPid(), Date.now() - 3_600_000));
    expect(look()).toMatchObject({ held: false, holders: [], heldForMs: undefined });
  });

  it("names every reader", async () => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start();
    await one.acquire("a", path, "shared");
    await two.acquire("a", path, "shared");
    const { holders, mode } = inspectLock(path);
    expect(mode).toBe("shared");
    expect(new Set(holders.map(({ pid }) => pid))).toEqual(new Set([one.pid, two.pid]));
  });

  it("does not take somebody's fcntl lock on the same file for a flock", async () => {
    const path = space.file();
    await using neighbour = await Neighbour.start("holdFcntl", [`${path}.lock`]);
    expect(inspectLock(path)).toMatchObject({ exists: true, held: false });
    await neighbour.end();
  });
});

describe("listLocks", () => {
  it("finds the locks of a directory and of the lock directories in it", async () => {
    await using lock = await acquireLock(space.file("a.json"), "exclusive");
    await withWriteLock(space.file("b.json"), () => undefined, { layout: "gastown" });
    mkdirSync(space.file("c.json.lock")); // another protocol's
    const seen = listLocks(space.directory);
    expect(seen.map(({ lockPath, held }) => ({ lockPath, held }))).toEqual([
      { lockPath: space.file("a.json.lock"), held: true },
      { lockPath: space.file(".gastown/locks/b.json.flock"), held: false },
      { lockPath: space.file(".gastown/locks/b.json.lock"), held: false },
    ]);
    await lock.release();
  });
});

describe("cleanStaleLocks", () => {
  it("removes lock files nobody holds, and keeps those that are held, here or elsewhere", async () => {
    await using peer = await LockPeer.start();
    await withReadLock(space.file("free"), () => undefined);
    await withWriteLock(space.file("free2"), () => undefined, { layout: "gastown" });
    const here = await acquireLock(space.file("here"), "shared");
    await peer.acquire("a", space.file("there"), "exclusive");
    const { removed, kept } = cleanStaleLocks(space.directory);
    expect(removed.toSorted()).toEqual(
      [
        space.file("free.lock"),
        space.file("free.lock.gate"),
        space.file("here.lock.gate"),
        space.file(".gastown/locks/free2.flock"),
        space.file(".gastown/locks/free2.lock"),
      ].toSorted(),
    );
    expect(kept.toSorted()).toEqual([space.file("here.lock"), space.file("there.lock")]);
    expect(await peer.tryAcquire("b", space.file("here"), "exclusive")).toBe(false);
    await here.release();
    await withWriteLock(space.file("free"), () => undefined);
  });

  it("P6: removes a lock file also where closing it fails", async () => {
    await withReadLock(space.file("free"), () => undefined);
    closeIdleLocks();
    const restore = substituteFileSystem({
      closeSync: (fd) => {
        realFileSystem.closeSync(fd);
        throw Object.assign(new Error("injected"), { code: "EIO" });
      },
    });
    try {
      expect(cleanStaleLocks(space.directory).removed).toContain(space.file("free.lock"));
    } finally {
      restore();
    }
  });

  it.each(["yarn.lock", "Cargo.lock", "poetry.lock"])(
    "does not touch %s, which is somebody's data",
    (name) => {
      const text = "# THIS IS AN AUTOGENERATED FILE\n1\n";
      writeFileSync(space.file(name), text);
      expect(cleanStaleLocks(space.directory).removed).toEqual([]);
      expect(readFileSync(space.file(name), "utf8")).toBe(text);
    },
  );

  it("does not touch a lock that consists in being there, ours or FlowForge's own", async () => {
    mkdirSync(space.file(".flowforge/.locks"), { recursive: true });
    const theirs = JSON.stringify({
      pid: process.pid,
      lockId: "theirs",
      timestamp: Date.now(),
      heartbeat: Date.now(),
    });
    writeFileSync(space.file(".flowforge/.locks/other.json.lock"), theirs);
    const lock = await acquireLock(space.file(".flowforge/tasks.json"), "exclusive", { layout: "flowforge" });
    const { removed } = cleanStaleLocks(space.file(".flowforge"));
    expect(removed).toEqual([]);
    lock.assertHeld();
    await lock.release();
    expect(readFileSync(space.file(".flowforge/.locks/other.json.lock"), "utf8")).toBe(theirs);
  });

  it("removes what was left of a dead one's lock by who was killed while breaking it, not by who just began", () => {
    const left = [
      space.file(`data.json.lock.broken-${"a".repeat(32)}`),
      space.file(`.locks/data.json.lock.broken-${"b".repeat(32)}`),
    ];
    mkdirSync(left[0] ?? "", { recursive: true });
    writeFileSync(join(left[0] ?? "", "flockwork"), "{}");
    mkdirSync(space.file(".locks"));
    writeFileSync(left[1] ?? "", "{}");
    writeFileSync(space.file("data.json.broken-by-me"), "");
    expect(cleanStaleLocks(space.directory)).toEqual({ removed: [], kept: [] });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    try {
      expect(cleanStaleLocks(space.directory)).toEqual({ removed: left, kept: [] });
    } finally {
      vi.useRealTimers();
    }
    expect(readdirSync(space.directory).toSorted()).toEqual([".locks", "data.json.broken-by-me"]);
    rmSync(space.file("data.json.broken-by-me"));
  });

  it("P1: never lets two in, however often it runs while others lock", async () => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start();
    let running = true;
    const done = Promise.all(
      [one, two].map((peer) => peer.call("count", { path, times: 60, callers: 2 })),
    ).finally(() => (running = false));
    let removed = 0;
    while (running) {
      removed += cleanStaleLocks(space.directory).removed.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    expect(readFileSync(path, "utf8")).toBe("240");
    expect(removed).toBeGreaterThan(0);
  });

  it("does not take the lock from a wait of this process that is under way", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await withWriteLock(path, () => undefined); // its descriptor stays open from now on
    await peer.acquire("a", path, "exclusive");
    const waiting = acquireLock(path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    cleanStaleLocks(space.directory);
    await peer.release("a");
    const lock = await waiting;
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(false);
    await lock.release();
  });
});
