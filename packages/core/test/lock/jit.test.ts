import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { lockAll } from "../../src/lock/lock-all.ts";
import { withReadLock, withWriteLock } from "../../src/lock/with-lock.ts";
import { isFlocked } from "../support/lock-neighbours.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
const layout = "jit";
let issue: string;

beforeEach(() => {
  mkdirSync(space.file("issues"));
  issue = space.file("issues/one.json");
});
afterEach(() => void vi.unstubAllEnvs());

describe("the jit layout", () => {
  it("takes the index before the issue, both in the caller's mode", async () => {
    await withWriteLock(
      issue,
      (lock) => {
        expect(lock.lockPath).toBe(space.file(".index.lock"));
        expect(isFlocked(space.file(".index.lock"), "shared")).toBe(true);
        expect(isFlocked(space.file("issues/one.lock"), "shared")).toBe(true);
      },
      { layout },
    );
    await withReadLock(
      issue,
      () => {
        for (const path of [space.file(".index.lock"), space.file("issues/one.lock")]) {
          expect(isFlocked(path, "shared")).toBe(false);
          expect(isFlocked(path, "exclusive")).toBe(true);
        }
      },
      { layout },
    );
    expect(isFlocked(space.file(".index.lock"))).toBe(false);
    expect(isFlocked(space.file("issues/one.lock"))).toBe(false);
  });

  it.each([
    ["index.json", ".index.lock"],
    ["gates.json", ".gates.lock"],
    ["events.jsonl", ".events.lock"],
    ["claims.jsonl", "locks/claims.lock"],
    ["claims.index.json", "locks/claims.lock"],
  ])("locks %s by %s", async (name, lockName) => {
    const lock = await acquireLock(space.file(name), "exclusive", { layout });
    expect(lock.lockPath).toBe(space.file(lockName));
    expect(isFlocked(lock.lockPath)).toBe(true);
    await lock.release();
  });

  it("gives the index back when the issue cannot be had, and names who has the issue", async () => {
    await using peer = await LockPeer.start();
    // A program that locks only the issue, as jit itself never does, but a script might.
    await peer.acquire("a", space.file("issues/one"), "exclusive", { layout: "sidecar" });
    const failure = acquireLock(issue, "exclusive", { layout, timeoutMs: 20 });
    await expect(failure).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
    await expect(failure).rejects.toThrow(String(peer.pid));
    expect(isFlocked(space.file(".index.lock"))).toBe(false);
    await peer.release("a");
  });

  it("waits JIT_LOCK_TIMEOUT seconds, and then gives jit's own hints", async () => {
    vi.stubEnv("JIT_LOCK_TIMEOUT", "0.02");
    await using peer = await LockPeer.start();
    await peer.acquire("a", issue, "exclusive", { layout });
    const failure = await acquireLock(issue, "shared", { layout }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ERR_LOCK_TIMEOUT", timeoutMs: 20 });
    for (const hint of ["another process", "crashed", "JIT_LOCK_TIMEOUT"])
      expect(String(failure)).toContain(hint);
    vi.stubEnv("JIT_LOCK_TIMEOUT", "0");
    await expect(acquireLock(space.file("issues/two.json"), "shared", { layout })).rejects.toMatchObject({
      timeoutMs: 0,
    });
  });

  it.each(["", "soon", "-1"])("waits five seconds where JIT_LOCK_TIMEOUT is %j", async (text) => {
    vi.stubEnv("JIT_LOCK_TIMEOUT", text);
    await using peer = await LockPeer.start();
    await peer.acquire("a", issue, "exclusive", { layout });
    const waiting = acquireLock(issue, "exclusive", { layout });
    await untilWaiting(issue, 1, layout);
    await peer.release("a");
    await (await waiting).release();
  });

  it("locks each of several issues", async () => {
    const two = space.file("issues/two.json");
    await lockAll(
      [issue, two],
      (locks) => {
        expect(locks).toHaveLength(2);
        expect(isFlocked(space.file("issues/one.lock"))).toBe(true);
        expect(isFlocked(space.file("issues/two.lock"))).toBe(true);
      },
      { layout },
    );
    expect(isFlocked(space.file("issues/two.lock"))).toBe(false);
  });

  it("refuses an issue inside another issue's lock, whose index it would wait for", async () => {
    await withWriteLock(
      issue,
      () =>
        expect(tryAcquireLock(space.file("issues/two.json"), "exclusive", { layout })).rejects.toMatchObject({
          code: "ERR_LOCK_REENTRY",
        }),
      { layout },
    );
  });
});
