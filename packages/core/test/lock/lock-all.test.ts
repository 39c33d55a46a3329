import { symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { lockAll } from "../../src/lock/lock-all.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("lockAll", () => {
  it("holds every lock around the work, and passes them in the order they were named", async () => {
    const paths = ["c", "a", "b"].map((name) => space.file(name));
    const result = await lockAll(paths, async (locks) => {
      expect(locks.map(({ path }) => path)).toEqual(paths);
      for (const path of paths) await expect(tryAcquireLock(path, "shared")).rejects.toThrow(/already held/);
      return "done";
    });
    expect(result).toBe("done");
    for (const path of paths) await (await acquireLock(path, "exclusive", { timeoutMs: 0 })).release();
  });

  it("P13: never ends in a deadlock, in whatever order and in however many flows and processes files are named", async () => {
    const paths = ["a", "b", "c", "d"].map((name) => space.file(name));
    await using peer = await LockPeer.start();
    const entered = peer.call("countAll", paths, 60);
    let inside = 0;
    const flows = Array.from({ length: 60 }, (_, at) => {
      const named = paths.toSorted(
        (one, two) => ((one.length + at) % 2 === 0 ? 1 : -1) * (one < two ? -1 : 1),
      );
      return lockAll(at % 3 === 0 ? named.toReversed() : named, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      });
    });
    await Promise.all(flows);
    expect(await entered).toBe(60);
  });

  it("locks files that share a lock once, in the stronger mode", async () => {
    const path = space.file();
    writeFileSync(path, "");
    symlinkSync("state.json", space.file("link"));
    await using peer = await LockPeer.start();
    const items = [
      { path, mode: "shared" },
      { path: space.file("link"), mode: "exclusive" },
      { path, mode: "shared" },
    ] as const;
    await lockAll(items, async (locks) => {
      expect(locks.map(({ path: named }) => named)).toEqual([path, space.file("link"), path]);
      expect(new Set(locks.map(({ lockPath }) => lockPath)).size).toBe(1);
      expect(await peer.tryAcquire("a", path, "shared")).toBe(false);
    });
    await lockAll(
      [
        { path, mode: "shared" },
        { path: space.file("link"), mode: "shared" },
      ],
      async () => {
        expect(await peer.tryAcquire("a", path, "shared")).toBe(true);
        await peer.release("a");
      },
    );
  });

  it("holds nothing where one of the locks cannot be had, and names that one", async () => {
    const [a, b, c] = [space.file("a"), space.file("b"), space.file("c")];
    await using peer = await LockPeer.start();
    await peer.acquire("b", b, "exclusive");
    let ran = false;
    const failure = lockAll([c, b, a], () => void (ran = true), { timeoutMs: 10 });
    await expect(failure).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT", path: b });
    expect(ran).toBe(false);
    for (const path of [a, c]) expect(await peer.tryAcquire(path, path, "exclusive")).toBe(true);
  });

  it("gives everything back when it is aborted while it waits for one", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    await using peer = await LockPeer.start();
    await peer.acquire("b", b, "exclusive");
    const controller = new AbortController();
    const waiting = lockAll([a, b], () => undefined, { signal: controller.signal, timeoutMs: Infinity });
    await untilWaiting(b, 1);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(await peer.tryAcquire("a", a, "exclusive")).toBe(true);
  });

  it("releases all when the work throws, and accepts an empty list", async () => {
    const paths = [space.file("a"), space.file("b")];
    const error = new Error("the work's own");
    await expect(lockAll(paths, () => Promise.reject(error))).rejects.toBe(error);
    for (const path of paths) await (await acquireLock(path, "exclusive", { timeoutMs: 0 })).release();
    expect(await lockAll([], (locks) => locks.length)).toBe(0);
  });

  it("refuses a bad item before it takes any lock", async () => {
    await expect(lockAll([space.file("a"), ""], () => undefined)).rejects.toThrow(TypeError);
    await expect(
      lockAll([{ path: space.file("a"), mode: "both" as "shared" }], () => undefined),
    ).rejects.toThrow(TypeError);
  });
});
