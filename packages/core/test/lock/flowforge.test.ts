import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";

import {
  acquireLock,
  acquireLockSync,
  tryAcquireLock,
  tryAcquireLockSync,
} from "../../src/lock/acquire-lock.ts";
import { LeaseLostError, LockTimeoutError } from "../../src/lock/lock-errors.ts";
import { withReadLock, withWriteLock, withWriteLockSync } from "../../src/lock/with-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { deadPid } from "../support/lock-neighbours.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const layout = "flowforge";
const minutes = 60_000;
let tasks: string;
let record: string;
let directory: string;

beforeEach(() => {
  mkdirSync(space.file(".flowforge"));
  tasks = space.file(".flowforge/tasks.json");
  record = space.file(".flowforge/.locks/tasks.json.lock");
  directory = `${tasks}.lock`;
});

/** A lock as FlowForge's own file-lock.js writes it. */
function writeForeign(fields: Record<string, unknown>): void {
  mkdirSync(space.file(".flowforge/.locks"), { recursive: true });
  const whole = {
    pid: 1,
    lockId: "theirs",
    timestamp: Date.now(),
    holder: "someone",
    file: tasks,
    ...fields,
  };
  writeFileSync(record, JSON.stringify(whole));
}

async function isFree(): Promise<boolean> {
  const lock = await tryAcquireLock(tasks, "exclusive", { layout });
  await lock?.release();
  return lock !== undefined;
}

describe("the flowforge layout", () => {
  it("writes over what one that was killed in the middle of taking it left behind", async () => {
    mkdirSync(space.file(".flowforge/.locks"), { recursive: true });
    writeFileSync(space.file(".flowforge/.locks/.tasks.json.lock.staged"), "half a rec");
    expect(await isFree()).toBe(true);
    expect(readdirSync(space.file(".flowforge/.locks"))).toEqual(["tasks.json.flock"]);
  });

  it("shows FlowForge's own tools a JSON file and a directory while it is held, even by a reader", async () => {
    await withReadLock(
      tasks,
      () => {
        const shown = JSON.parse(readFileSync(record, "utf8")) as Record<string, unknown>;
        expect(shown).toMatchObject({ pid: process.pid, file: tasks });
        expect(shown["heartbeat"]).toBeTypeOf("number");
        expect(shown["timestamp"]).toBeTypeOf("number");
        expect(shown["lockId"]).toBeTypeOf("string");
        expect(shown["holder"]).toBeTypeOf("string");
        expect(Number(readFileSync(`${directory}/pid`, "utf8"))).toBe(process.pid);
      },
      { layout },
    );
    expect(readdirSync(space.file(".flowforge/.locks"))).toEqual(["tasks.json.flock"]);
    expect(existsSync(directory)).toBe(false);
  });

  it("dates the heartbeat of a synchronous holder ahead, for no timer of its will fire while it works", async () => {
    const heartbeatIn = (): number =>
      (JSON.parse(readFileSync(record, "utf8")) as { heartbeat: number }).heartbeat - Date.now();
    const aPeer = 30_000; // takes what is older for stale
    withWriteLockSync(tasks, () => expect(heartbeatIn()).toBeGreaterThan(aPeer), { layout });
    const lock = tryAcquireLockSync(tasks, "exclusive", { layout });
    expect(heartbeatIn()).toBeGreaterThan(aPeer);
    lock?.releaseSync();
    await withWriteLock(tasks, () => expect(heartbeatIn()).toBeLessThanOrEqual(0), { layout });
  });

  it("P1: excludes other processes, and hands over to those who wait", async () => {
    await using peer = await LockPeer.start();
    await peer.acquire("a", tasks, "exclusive", { layout });
    expect(await isFree()).toBe(false);
    const waiting = acquireLock(tasks, "exclusive", { layout });
    await peer.release("a");
    await (await waiting).release();
    acquireLockSync(tasks, "exclusive", { layout }).releaseSync();
  });

  it("respects a live foreign lock, and names its pid when it gives up", async () => {
    await using neighbour = await LockPeer.start();
    writeForeign({ pid: neighbour.pid, heartbeat: Date.now() });
    const failure = await acquireLock(tasks, "exclusive", { layout, timeoutMs: 5 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(LockTimeoutError);
    expect((failure as LockTimeoutError).message).toContain(String(neighbour.pid));
    expect((failure as LockTimeoutError).message).not.toContain(`(${process.pid})`);
    expect(() => acquireLockSync(tasks, "exclusive", { layout, timeoutMs: 5 })).toThrow(LockTimeoutError);
    rmSync(record);
    expect(await isFree()).toBe(true);
  });

  it("respects a live foreign lock of any age that never sends heartbeats", async () => {
    await using neighbour = await LockPeer.start();
    writeForeign({ pid: neighbour.pid, timestamp: Date.now() - 10 * minutes });
    expect(await isFree()).toBe(false);
    expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({ lockId: "theirs" });
    rmSync(record);
  });

  it("breaks a foreign lock whose process is gone and whose heartbeat is old, and no other", async () => {
    writeForeign({ pid: deadPid(), heartbeat: Date.now() - 1_000 });
    expect(await isFree()).toBe(false);
    writeForeign({ pid: deadPid(), heartbeat: Date.now() - minutes });
    expect(await isFree()).toBe(true);
  });

  it("never breaks the lock of another host", async () => {
    writeForeign({ pid: deadPid(), heartbeat: Date.now() - 100 * minutes, hostname: "elsewhere.example" });
    expect(await isFree()).toBe(false);
    rmSync(record);
  });

  it.each(["", "{", "[]", "null", '"x"', "{}", '{"pid":"x"}', "x".repeat(100_000)])(
    "leaves an unreadable lock alone while it is young, and breaks it when it is old: %.20s",
    async (text) => {
      mkdirSync(space.file(".flowforge/.locks"));
      writeFileSync(record, text);
      expect(await isFree()).toBe(false);
      expect(readFileSync(record, "utf8")).toBe(text);
      const long = Date.now() / 1000 - 3_600;
      utimesSync(record, long, long);
      expect(await isFree()).toBe(true);
    },
  );

  it("respects a shell's directory with a live pid, and breaks one that is old and whose pid is gone", async () => {
    mkdirSync(directory);
    writeFileSync(`${directory}/pid`, `${process.pid}\n`);
    const long = Date.now() / 1000 - 3_600;
    utimesSync(directory, long, long);
    expect(await isFree()).toBe(false);
    writeFileSync(`${directory}/pid`, `${deadPid()}\n`);
    utimesSync(directory, long, long);
    expect(await isFree()).toBe(true);
  });

  it("takes another protocol's lock file in the directory's place for what it is, whatever its age", async () => {
    writeFileSync(directory, "");
    const long = Date.now() / 1000 - 3_600;
    utimesSync(directory, long, long);
    await expect(tryAcquireLock(tasks, "exclusive", { layout })).rejects.toMatchObject({
      code: "ERR_LOCK_BACKEND_MISMATCH",
    });
    expect(existsSync(directory)).toBe(true);
    rmSync(directory);
  });

  it("notices a lock that was taken away, and removes only its own", async () => {
    const lock = await acquireLock(tasks, "exclusive", { layout });
    lock.assertHeld();
    writeForeign({ pid: process.pid });
    expect(() => lock.assertHeld()).toThrow(LeaseLostError);
    await lock.release();
    expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({ lockId: "theirs" });
    rmSync(record);
  });

  it("rejects with the signal's reason although it aborted before the wait for the foreign lock began", async () => {
    await using neighbour = await LockPeer.start();
    writeForeign({ pid: neighbour.pid, heartbeat: Date.now() });
    const controller = new AbortController();
    const waiting = acquireLock(tasks, "exclusive", {
      layout,
      signal: controller.signal,
      timeoutMs: Infinity,
    });
    controller.abort(new Error("at once"));
    await expect(waiting).rejects.toThrow("at once");
    rmSync(record);
    expect(await isFree()).toBe(true);
  });

  it("leaves the kernel's lock to others when the foreign lock cannot be had", async () => {
    await using neighbour = await LockPeer.start();
    writeForeign({ pid: neighbour.pid, heartbeat: Date.now() });
    await expect(acquireLock(tasks, "exclusive", { layout, timeoutMs: 3 })).rejects.toThrow(/timeout/i);
    rmSync(record);
    expect(await neighbour.tryAcquire("a", tasks, "exclusive", { layout })).toBe(true);
    await neighbour.release("a");
  });
});
