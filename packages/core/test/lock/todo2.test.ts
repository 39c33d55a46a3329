import { describe, expect, it } from "vitest";

import { acquireLock, acquireLockSync, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { flock, substituteFlock } from "../../src/platform/flock.ts";
import { withReadLock, withWriteLock } from "../../src/lock/with-lock.ts";
import { isFcntlLocked, isFlocked, Neighbour } from "../support/lock-neighbours.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const layout = "todo2";

describe("the todo2 layout", () => {
  it("keeps out programs that use flock and programs that use fcntl", async () => {
    const path = space.file();
    await withWriteLock(
      path,
      () => {
        expect(isFlocked(`${path}.lock`)).toBe(true);
        expect(isFcntlLocked(`${path}.lock`)).toBe(true);
      },
      { layout },
    );
    await withReadLock(path, () => expect(isFcntlLocked(`${path}.lock`)).toBe(true), { layout });
    expect(isFlocked(`${path}.lock`)).toBe(false);
    expect(isFcntlLocked(`${path}.lock`)).toBe(false);
  });

  it("keeps out programs that use fcntl although the same lock was used in the usual layout before", async () => {
    const path = space.file();
    await withWriteLock(path, () => undefined);
    await withWriteLock(path, () => expect(isFcntlLocked(`${path}.lock`)).toBe(true), { layout });
  });

  it("waits for a Python program that holds an fcntl lock, and holds neither kind meanwhile", async () => {
    const path = space.file();
    await using neighbour = await Neighbour.start("holdFcntl", [`${path}.lock`]);
    expect(await tryAcquireLock(path, "exclusive", { layout })).toBeUndefined();
    expect(isFlocked(`${path}.lock`)).toBe(false);
    expect(() => acquireLockSync(path, "exclusive", { layout, timeoutMs: 20 })).toThrow(/timeout/i);
    expect(isFlocked(`${path}.lock`)).toBe(false);
    const waiting = acquireLock(path, "exclusive", { layout, timeoutMs: Infinity });
    await neighbour.end();
    await (await waiting).release();
  });

  it("does not spin while a Python program holds an fcntl lock", async () => {
    const path = space.file();
    await using neighbour = await Neighbour.start("holdFcntl", [`${path}.lock`]);
    const real = { ...flock };
    let looks = 0;
    const restore = substituteFlock({
      attempt: (...values) => {
        looks += 1;
        return real.attempt(...values);
      },
      wait: (...values) => {
        looks += 1;
        return real.wait(...values);
      },
    });
    await expect(acquireLock(path, "exclusive", { layout, timeoutMs: 200 })).rejects.toThrow(/timeout/i);
    restore();
    expect(looks).toBeGreaterThan(2);
    expect(looks).toBeLessThan(250);
    await neighbour.end();
  });

  it("P1: excludes our own processes from one another", async () => {
    const path = space.file();
    await using peer = await LockPeer.start();
    await using lock = await acquireLock(path, "exclusive", { layout });
    expect(await peer.tryAcquire("a", path, "exclusive", { layout })).toBe(false);
    expect(await peer.tryAcquire("a", path, "exclusive")).toBe(false); // the flock alone keeps the usual layout out
    await lock.release();
    expect(await peer.tryAcquire("a", path, "exclusive", { layout })).toBe(true);
  });

  it.each(["koffi", "flock-command"])(
    "is refused, not weakened, where %s offers no fcntl lock",
    async (binding) => {
      await using peer = await LockPeer.start({ env: { FLOCKWORK_FLOCK_BINDING: binding } });
      const failure = peer.acquire("a", space.file(), "exclusive", { layout });
      await expect(failure).rejects.toMatchObject({ code: "ERR_LOCK_UNSUPPORTED" });
    },
  );
});
