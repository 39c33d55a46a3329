import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { acquireLock, acquireLockSync } from "../../src/lock/acquire-lock.ts";
import { closeIdleLocks } from "../../src/lock/descriptor-cache.ts";
import { gastown } from "../../src/lock/lock-layout.ts";
import { withReadLock, withWriteLock } from "../../src/lock/with-lock.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const asRoot = process.getuid?.() === 0;

/** Every way in must refuse alike. */
async function expectRefusal(path: string, failure: object): Promise<void> {
  await expect(acquireLock(path, "exclusive")).rejects.toMatchObject(failure);
  await expect(acquireLock(path, "shared")).rejects.toMatchObject(failure);
  expect(() => acquireLockSync(path, "exclusive")).toThrow(expect.objectContaining(failure));
}

describe("P10: what stands at the lock's path", () => {
  it.each(["EACCES", "EROFS"])(
    "is refused with %s where it may only be read, and an fcntl lock would have to write it",
    async (code) => {
      const path = space.file();
      writeFileSync(`${path}.lock`, "");
      const { openSync } = realFileSystem;
      const restore = substituteFileSystem({
        openSync(file, flags, mode) {
          if ((flags & constants.O_RDWR) !== 0) throw Object.assign(new Error(code), { code });
          return openSync(file, flags, mode);
        },
      });
      try {
        const failure = {
          code: "ERR_LOCK_FAILED",
          osCode: code,
          message: expect.stringContaining("written"),
        };
        await expect(acquireLock(path, "exclusive", { layout: "todo2" })).rejects.toMatchObject(failure);
        await (await acquireLock(path, "shared", { layout: "todo2" })).release();
      } finally {
        restore();
      }
    },
  );

  it("is refused where it is a directory, as another protocol's lock, until it is gone", async () => {
    const path = space.file();
    mkdirSync(`${path}.lock`);
    await expectRefusal(path, { code: "ERR_LOCK_BACKEND_MISMATCH", path: `${path}.lock` });
    rmdirSync(`${path}.lock`);
    await withWriteLock(path, () => undefined);
  });

  it("is refused where it is a symbolic link, whose target stays as it was", async () => {
    const path = space.file();
    writeFileSync(space.file("victim"), "precious");
    symlinkSync("victim", `${path}.lock`);
    await expectRefusal(path, { code: "ERR_UNSAFE_PATH", path: `${path}.lock` });
    expect(readFileSync(space.file("victim"), "utf8")).toBe("precious");
    unlinkSync(`${path}.lock`);
    symlinkSync("nowhere", `${path}.lock`);
    await expectRefusal(path, { code: "ERR_UNSAFE_PATH" });
    expect(existsSync(space.file("nowhere"))).toBe(false);
  });

  it("is refused where it is a named pipe, without waiting for anyone, until it is gone", async () => {
    const path = space.file();
    execFileSync("mkfifo", [`${path}.lock`]);
    await expectRefusal(path, { code: "ERR_UNSAFE_PATH", path: `${path}.lock` });
    unlinkSync(`${path}.lock`);
    await withWriteLock(path, () => undefined);
  });

  it("is never truncated", async () => {
    const path = space.file();
    writeFileSync(`${path}.lock`, "someone's notes");
    await withWriteLock(path, () => undefined);
    expect(readFileSync(`${path}.lock`, "utf8")).toBe("someone's notes");
  });

  it.runIf(asRoot)("is refused where another user owns it, unless that is allowed", async () => {
    const path = space.file();
    writeFileSync(`${path}.lock`, "");
    chownSync(`${path}.lock`, 12_345, 12_345);
    await expectRefusal(path, { code: "ERR_UNSAFE_PATH", path: `${path}.lock` });
    await withWriteLock(path, () => undefined, { allowForeignOwner: true });
    chownSync(`${path}.lock`, 0, 0);
    await withWriteLock(path, () => undefined);
  });

  it.runIf(asRoot)("can be locked by one who may only read it", async () => {
    const path = space.file();
    writeFileSync(`${path}.lock`, "");
    chmodSync(`${path}.lock`, 0o444);
    chmodSync(space.directory, 0o755);
    await using user = await LockPeer.start({ uid: 12_345 });
    await user.acquire("a", path, "exclusive");
    await using root = await LockPeer.start();
    expect(await root.tryAcquire("a", path, "exclusive")).toBe(false);
  });

  it.runIf(asRoot)("is a typed refusal, with the cause, where it may not be created", async () => {
    const path = space.file();
    chmodSync(space.directory, 0o755);
    await using user = await LockPeer.start({ uid: 12_345 });
    const failure = { code: "ERR_LOCK_FAILED", osCode: "EACCES" };
    await expect(user.acquire("a", path, "exclusive")).rejects.toMatchObject(failure);
    await expect(user.acquireSync("a", path, "shared")).rejects.toMatchObject(failure);
  });

  it("does not disturb those in line where it is replaced again and again while they wait", async () => {
    const path = space.file();
    const lock = await acquireLock(path, "exclusive");
    const waiting = acquireLock(path, "exclusive");
    unlinkSync(`${path}.lock`);
    writeFileSync(`${path}.lock`, "");
    await lock.release();
    await (await waiting).release();
  });
});

describe("P12: network file systems", () => {
  let restore: (() => void) | undefined;
  afterEach(() => {
    restore?.();
    closeIdleLocks();
  });

  it.each([
    ["NFS", 0x6969],
    ["CIFS", 0xff534d42],
    ["SMB2", -0x1acb2be], // as a signed 32-bit number, which statfs gives on some machines
    ["9p", 0x01021997],
    ["FUSE", 0x65735546],
    ["BeeGFS", 0x19830326],
    ["PanFS", -0x55285516],
    ["vmhgfs", 0xbacbacbc],
    ["prl_fs", 0x7c7c6673],
  ])("%s is refused unless it is allowed", async (name, type) => {
    const path = space.file();
    restore = substituteFileSystem({ statfsSync: () => ({ type }) });
    await expectRefusal(path, { code: "ERR_LOCK_UNSUPPORTED", backend: "flock" });
    await expect(acquireLock(path, "exclusive")).rejects.toThrow(name);
    expect(existsSync(`${path}.lock`)).toBe(false); // the advised backend would take it for another protocol's
    await withWriteLock(path, () => undefined, { backend: "proper-lockfile" });
    await withWriteLock(path, () => undefined, { allowNetworkFileSystem: true });
    await withReadLock(path, () => undefined, { allowNetworkFileSystem: true });
  });

  it("data there is refused though its lock lies on a local disk", async () => {
    const path = space.file();
    const lockDirectory = `${space.file()}-locks`;
    const layout = gastown({ lockDirectory });
    restore = substituteFileSystem({
      statfsSync: (directory) => ({ type: directory === dirname(path) ? 0x6969 : 0xef53 }),
    });
    const failure = { code: "ERR_LOCK_UNSUPPORTED", path };
    await expect(acquireLock(path, "exclusive", { layout })).rejects.toMatchObject(failure);
    expect(() => acquireLockSync(path, "shared", { layout })).toThrow(expect.objectContaining(failure));
    expect(existsSync(lockDirectory)).toBe(false);
    await withWriteLock(path, () => undefined, { layout, allowNetworkFileSystem: true });
  });

  it("one that is mounted over data in use is noticed where the lock lies elsewhere", async () => {
    const path = space.file();
    const layout = gastown({ lockDirectory: `${space.file()}-locks` });
    await withWriteLock(path, () => undefined, { layout });
    restore = substituteFileSystem({
      statfsSync: (directory) => ({ type: directory === dirname(path) ? 0x65735546 : 0xef53 }),
    });
    const failure = { code: "ERR_LOCK_UNSUPPORTED", path };
    await expect(acquireLock(path, "exclusive", { layout })).rejects.toMatchObject(failure);
  });

  it("one that is mounted after the lock was used is noticed", async () => {
    const path = space.file();
    await withWriteLock(path, () => undefined);
    unlinkSync(`${path}.lock`); // what stood here is behind the mount now
    restore = substituteFileSystem({ statfsSync: () => ({ type: 0x6969 }) });
    await expectRefusal(path, { code: "ERR_LOCK_UNSUPPORTED" });
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("a file system that cannot be told is no reason to go on", async () => {
    restore = substituteFileSystem({
      statfsSync: () => {
        throw Object.assign(new Error("broken"), { code: "EIO" });
      },
    });
    await expectRefusal(space.file(), { code: "ERR_LOCK_FAILED", osCode: "EIO" });
  });
});
