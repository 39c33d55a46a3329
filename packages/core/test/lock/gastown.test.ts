import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { gastown } from "../../src/lock/lock-layout.ts";
import { pinLockDirectory, unpinLockDirectory } from "../../src/lock/pin-lock-directory.ts";
import { withReadLock, withWriteLock } from "../../src/lock/with-lock.ts";
import { counted } from "../support/lock-counting.ts";
import { isFlocked, Neighbour } from "../support/lock-neighbours.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { until, untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();
const layout = "gastown";
const asRoot = process.getuid?.() === 0;
const someone = 12_345;

function lockOf(name = "state.json"): string {
  return space.file(`.gastown/locks/${name}.lock`);
}

describe("the gastown layout", () => {
  it("P11: refuses a lock file that is another file's second name, and leaves that file as it is", async () => {
    const path = space.file();
    await withWriteLock(path, () => undefined, { layout });
    const other = space.file("other.txt");
    writeFileSync(other, "must stay");
    unlinkSync(lockOf());
    linkSync(other, lockOf());
    await expect(withWriteLock(path, () => undefined, { layout })).rejects.toMatchObject({
      code: "ERR_UNSAFE_PATH",
    });
    expect(readFileSync(other, "utf8")).toBe("must stay");
    expect(isFlocked(lockOf())).toBe(false);
    unlinkSync(other);
    await withWriteLock(path, () => undefined, { layout });
  });

  it("makes the lock directory, locks with flock, and writes its pid like Gas Town", async () => {
    const path = space.file();
    await withWriteLock(
      path,
      () => {
        expect(isFlocked(lockOf())).toBe(true);
        expect(isFlocked(lockOf(), "shared")).toBe(true);
        expect(readFileSync(lockOf(), "utf8")).toBe(`${process.pid}\n`);
      },
      { layout },
    );
    expect(existsSync(lockOf())).toBe(true);
    expect(isFlocked(lockOf())).toBe(false);
    expect(statSync(space.file(".gastown/locks")).mode & 0o777).toBe(0o755);
    expect(statSync(lockOf()).mode & 0o777).toBe(0o644);
  });

  it("replaces a longer pid as a whole, and leaves it alone when reading", async () => {
    const path = space.file();
    await withWriteLock(path, () => undefined, { layout });
    writeFileSync(lockOf(), "4294967296123\nmore\n");
    await withReadLock(path, () => expect(isFlocked(lockOf(), "shared")).toBe(false), { layout });
    expect(readFileSync(lockOf(), "utf8")).toBe("4294967296123\nmore\n");
    await withWriteLock(path, () => undefined, { layout });
    expect(readFileSync(lockOf(), "utf8")).toBe(`${process.pid}\n`);
  });

  it("may keep its locks elsewhere, by the name of the file alone", async () => {
    const custom = gastown({ lockDirectory: space.file("elsewhere/locks") });
    const lock = await acquireLock(space.file(), "exclusive", { layout: custom });
    expect(lock.lockPath).toBe(space.file("elsewhere/locks/state.json.flock"));
    expect(isFlocked(lock.lockPath)).toBe(true);
    expect(isFlocked(space.file("elsewhere/locks/state.json.lock"))).toBe(true);
    await lock.release();
  });
});

describe("P1: neighbours that unlink lock files", () => {
  it("never let two of several processes in, as long as they unlink what they hold", async () => {
    const path = space.file();
    writeFileSync(`${path}.lock`, "");
    await using neighbour = await Neighbour.start("removeWhileHolding", [`${path}.lock`]);
    const peers = await Promise.all([1, 2, 3, 4].map((at) => LockPeer.start({ worker: at === 4 })));
    const kinds = ["async", "sync", "try", "mixed"] as const;
    await Promise.all(
      peers.map((peer, at) =>
        peer.call("count", { path, times: 100, callers: 3, kind: kinds[at] ?? "async" }),
      ),
    );
    await Promise.all(peers.map((peer) => peer.kill()));
    writeFileSync(`${path}.lock.stop`, "");
    writeFileSync(`${path}.lock`, "");
    expect(await neighbour.exited).toBe(0);
    expect(counted(path)).toBe(4 * 100 * 3);
    expect(Number(neighbour.output.split("\n")[1])).toBeGreaterThan(10);
  });

  it("do not make later callers of this process join a lock on a file that is gone", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    const reader = await acquireLock(path, "shared");
    unlinkSync(`${path}.lock`); // as the fork does when one of its readers is done
    await peer.acquire("w", path, "exclusive");
    expect(await tryAcquireLock(path, "shared")).toBeUndefined();
    await reader.release();
    expect(await tryAcquireLock(path, "shared")).toBeUndefined();
    await peer.release("w");
  });

  it("do not make the next writer of this process inherit a lock on a file that is gone", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    const writer = await acquireLock(path, "exclusive");
    let entered = false;
    const next = acquireLock(path, "exclusive", { timeoutMs: Infinity }).then((lock) => {
      entered = true;
      return lock;
    });
    unlinkSync(`${path}.lock`);
    await peer.acquire("w", path, "exclusive");
    await writer.release();
    await untilWaiting(path, 1); // it queues on the file that the path names now
    expect(entered).toBe(false);
    await peer.release("w");
    await (await next).release();
  });
});

describe("pinLockDirectory", () => {
  afterEach(() => {
    if (existsSync(space.file(".gastown/locks"))) unpinLockDirectory(space.directory);
  });

  it("makes every lock file and forbids removing any", () => {
    const pinned = pinLockDirectory(space.directory, ["issues.jsonl", "routes.jsonl"]);
    expect(pinned.lockFiles).toEqual([lockOf("issues.jsonl"), lockOf("routes.jsonl")]);
    for (const path of pinned.lockFiles) expect(existsSync(path)).toBe(true);
    expect(statSync(pinned.lockDirectory).mode & 0o777).toBe(0o555);
    pinLockDirectory(space.directory, ["state.json"]);
    expect(existsSync(lockOf("issues.jsonl"))).toBe(true);
    expect(statSync(pinned.lockDirectory).mode & 0o777).toBe(0o555);
    unpinLockDirectory(space.directory);
    expect(statSync(pinned.lockDirectory).mode & 0o777).toBe(0o755);
  });

  it("keeps what is in the lock files", () => {
    pinLockDirectory(space.directory, ["a"]);
    appendFileSync(lockOf("a"), "12\n");
    pinLockDirectory(space.directory, ["a", "b"]);
    expect(readFileSync(lockOf("a"), "utf8")).toBe("12\n");
  });

  it.runIf(asRoot)("P1: leaves no lock file missing beside neighbours that keep removing them", async () => {
    chmodSync(space.directory, 0o777);
    pinLockDirectory(space.directory, ["state.json"]);
    const locks = space.file(".gastown/locks");
    chownSync(locks, someone, someone);
    const removing = `i=0; while [ ! -e "$1/../stop" ]; do rm -f "$1/state.json.lock" 2> /dev/null; i=$((i + 1)); done; echo $i`;
    const neighbour = spawn("sh", ["-c", removing, "sh", locks], { uid: someone, gid: someone });
    const ended = once(neighbour, "close");
    for (let at = 0; at < 200; at += 1) {
      // Its owner's programs are let in, and shut out again.
      pinLockDirectory(space.directory, ["routes.json"]);
      expect(existsSync(lockOf("state.json"))).toBe(true);
    }
    writeFileSync(space.file(".gastown/stop"), "");
    await ended;
  });

  it.each(["../a", "a/b", "", "..", "."])("refuses %j, and leaves the directory pinned as it was", (name) => {
    pinLockDirectory(space.directory, ["a"]);
    expect(() => pinLockDirectory(space.directory, ["b", name])).toThrow(TypeError);
    expect(statSync(space.file(".gastown/locks")).mode & 0o777).toBe(0o555);
  });

  it.runIf(asRoot)(
    "P1: makes programs safe that unlock first and unlink then, beside each other and beside us",
    async () => {
      const path = space.file();
      chmodSync(space.directory, 0o777);
      pinLockDirectory(space.directory, ["state.json"]);
      for (const name of [
        ".gastown",
        ".gastown/locks",
        ".gastown/locks/state.json.lock",
        ".gastown/locks/state.json.lock.gate",
      ]) {
        chownSync(space.file(name), someone, someone);
      }
      const neighbours = await Promise.all(
        [1, 2].map(() => Neighbour.start("unlockThenRemove", [lockOf(), path, "150"], someone)),
      );
      const peers = await Promise.all([1, 2].map(() => LockPeer.start({ uid: someone })));
      await Promise.all(
        peers.map((peer) => peer.call("count", { path, times: 150, callers: 2, options: { layout } })),
      );
      expect(await Promise.all(neighbours.map(({ exited }) => exited))).toEqual([0, 0]);
      await Promise.all(peers.map((peer) => peer.kill()));
      expect(counted(path)).toBe(2 * 150 + 2 * 2 * 150);
      await until(() => existsSync(lockOf()));
    },
  );
});
