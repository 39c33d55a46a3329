import { expect, it } from "vitest";

import type { Scene } from "../binding-contract.ts";
import { flockCommandGets, PythonHolder, pythonLockfGets } from "../support/rivals.ts";

/** Other languages' flock is the same lock; fcntl locks are another. */
export function describeInterop({ binding, hosts, freshPath }: Scene): void {
  it("flock(1) is kept out while we hold the lock", async () => {
    const { ours } = hosts();
    const path = freshPath();
    const fd = await ours.open(path);
    expect(await ours.tryLock(fd, "exclusive")).toBe(true);
    expect(flockCommandGets(path)).toBe(false);
    await ours.unlock(fd);
    expect(flockCommandGets(path)).toBe(true);
    expect(await ours.tryLock(fd, "shared")).toBe(true);
    expect(flockCommandGets(path, "-s")).toBe(true);
    expect(flockCommandGets(path)).toBe(false);
    await ours.close(fd);
  });

  it("we are kept out while Python's fcntl.flock holds the lock", async () => {
    const { ours } = hosts();
    const path = freshPath();
    const fd = await ours.open(path);
    const exclusive = await PythonHolder.hold(path, "LOCK_EX");
    expect(await ours.tryLock(fd, "shared")).toBe(false);
    await exclusive.release();
    const shared = await PythonHolder.hold(path, "LOCK_SH");
    expect(await ours.tryLock(fd, "exclusive")).toBe(false);
    expect(await ours.tryLock(fd, "shared")).toBe(true);
    await shared.release();
    await ours.close(fd);
  });

  if (binding !== "addon" || process.platform !== "linux") return;
  it("the byte-range leg excludes Python's fcntl.lockf, which flock does not", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await ours.tryLock(mine, "exclusive")).toBe(true);
    expect(pythonLockfGets(path)).toBe(true);
    expect(await ours.ofdTryLock(mine, "exclusive")).toBe(true);
    expect(pythonLockfGets(path)).toBe(false);
    expect(await theirs.ofdTryLock(other, "shared")).toBe(false);
    await ours.ofdUnlock(mine);
    expect(pythonLockfGets(path)).toBe(true);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });
}
