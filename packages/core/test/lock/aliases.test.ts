import { setTimeout } from "node:timers/promises";
import { linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { resolveTarget } from "../../src/lock/resolve-target.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

describe("P9: every spelling of a file", () => {
  it("leads to one lock: relative, dotted, through linked files and linked directories", async () => {
    const path = space.file();
    writeFileSync(path, "");
    mkdirSync(space.file("sub"));
    symlinkSync(path, space.file("link"));
    symlinkSync("link", space.file("link-to-link"));
    symlinkSync(space.directory, space.file("sub/up"));
    const spellings = [
      relative(process.cwd(), path),
      `${space.directory}/sub/../state.json`,
      `${space.directory}/./state.json`,
      space.file("link"),
      space.file("link-to-link"),
      space.file("sub/up/state.json"),
      space.file("sub/up/sub/up/link"),
    ];
    await using peer = await LockPeer.start();
    await using lock = await acquireLock(path, "exclusive");
    for (const spelling of spellings) {
      expect(resolveTarget(spelling)).toBe(path);
      expect(await tryAcquireLock(spelling, "shared")).toBeUndefined();
      expect(await peer.tryAcquire("a", spelling, "shared")).toBe(false);
    }
    await lock.release();
    for (const spelling of spellings) {
      const alias = await acquireLock(spelling, "exclusive");
      expect(alias).toMatchObject({ path: spelling, targetPath: path, lockPath: `${path}.lock` });
      expect(await peer.tryAcquire("a", path, "exclusive")).toBe(false);
      await alias.release();
    }
  });

  it("leads to one lock where the linked file does not exist yet", async () => {
    const link = space.file("link");
    symlinkSync("missing.json", link);
    await using lock = await acquireLock(link, "exclusive");
    expect(lock.targetPath).toBe(space.file("missing.json"));
    expect(await tryAcquireLock(space.file("missing.json"), "shared")).toBeUndefined();
    await lock.release();
  });

  it("is looked up again when the file became a link between two acquisitions", async () => {
    const [path, other] = [space.file("a"), space.file("b")];
    writeFileSync(path, "1");
    await withWriteLock(path, () => undefined);
    renameSync(path, other);
    symlinkSync("b", path);
    const lock = await acquireLock(path, "exclusive");
    expect(lock).toMatchObject({ targetPath: other, lockPath: `${other}.lock` });
    await using peer = await LockPeer.start();
    expect(await peer.tryAcquire("a", other, "exclusive")).toBe(false);
    await lock.release();
  });

  it("is looked up again when the file became a link while the caller waited", async () => {
    const [path, other] = [space.file("a"), space.file("b")];
    writeFileSync(path, "1");
    await using peer = await LockPeer.start();
    await peer.acquire("a", path, "exclusive");
    const waiting = acquireLock(path, "exclusive");
    await untilWaiting(path, 1);
    renameSync(path, other);
    symlinkSync("b", path);
    await peer.release("a");
    const lock = await waiting;
    expect(lock.targetPath).toBe(other);
    expect(await peer.tryAcquire("a", other, "exclusive")).toBe(false);
    await lock.release();
  });

  it("is looked up again for the next local caller when the file became a link under the holder", async () => {
    const [path, other] = [space.file("a"), space.file("b")];
    writeFileSync(path, "1");
    const first = await acquireLock(path, "exclusive");
    const waiting = acquireLock(path, "exclusive");
    renameSync(path, other);
    symlinkSync("b", path);
    await setTimeout(3); // a grant is looked at again when it is passed on after more than a millisecond
    await first.release();
    const lock = await waiting;
    expect(lock.targetPath).toBe(other);
    await lock.release();
  });

  it("is followed to the file that a link names when the lock is granted, not when it was asked for", async () => {
    const [one, two, link] = [space.file("one"), space.file("two"), space.file("link")];
    writeFileSync(one, "");
    writeFileSync(two, "");
    symlinkSync("one", link);
    await using peer = await LockPeer.start();
    await peer.acquire("a", link, "exclusive");
    const waiting = acquireLock(link, "exclusive");
    await untilWaiting(link, 1);
    unlinkSync(link);
    symlinkSync("two", link);
    await peer.release("a");
    const lock = await waiting;
    expect(lock.targetPath).toBe(two);
    expect(await peer.tryAcquire("b", link, "exclusive")).toBe(false);
    await lock.release();
  });
});

describe("refused names", () => {
  it("P9: a hard link, found before the lock or after the grant", async () => {
    const path = space.file();
    writeFileSync(path, "");
    await withWriteLock(path, () => undefined);
    linkSync(path, space.file("second"));
    for (const name of [path, space.file("second")]) {
      await expect(acquireLock(name, "shared")).rejects.toMatchObject({
        code: "ERR_UNSAFE_PATH",
        path: name,
      });
    }
    unlinkSync(space.file("second"));
    await withWriteLock(path, () => undefined);
  });

  it("P9: a hard link that appears under the holder, to the next local caller", async () => {
    const path = space.file();
    writeFileSync(path, "");
    const first = await acquireLock(path, "exclusive");
    const next = acquireLock(path, "exclusive").catch((error: unknown) => error);
    linkSync(path, space.file("second"));
    await setTimeout(3);
    await first.release();
    expect(await next).toMatchObject({ code: "ERR_UNSAFE_PATH" });
  });

  it("a loop of links", async () => {
    symlinkSync("b", space.file("a"));
    symlinkSync("a", space.file("b"));
    await expect(acquireLock(space.file("a"), "shared")).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  });

  it("a directory that is missing, and says which to create", async () => {
    const failure = acquireLock(join(space.directory, "no", "where.json"), "shared");
    await expect(failure).rejects.toMatchObject({ code: "ERR_LOCK_FAILED", osCode: "ENOENT" });
    await expect(failure).rejects.toThrow(join(space.directory, "no"));
  });

  it("a directory that went away between two acquisitions", async () => {
    mkdirSync(space.file("sub"));
    const path = space.file("sub/state.json");
    await withWriteLock(path, () => undefined);
    unlinkSync(`${path}.lock`);
    renameSync(space.file("sub"), space.file("moved"));
    await expect(acquireLock(path, "exclusive")).rejects.toMatchObject({ code: "ERR_LOCK_FAILED" });
  });
});
