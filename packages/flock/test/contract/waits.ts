import { expect, it } from "vitest";

import type { Scene } from "../binding-contract.ts";
import type { LockHost } from "../support/lock-host.ts";
import { flockCommandGets } from "../support/rivals.ts";

/** Waiting in the kernel's queue: granted, cancelled, timed out, and never a lock that nobody owns. */
export function describeWaits({ binding, canWait, hosts, freshPath }: Scene): void {
  if (!canWait) {
    it("refuses to wait, so that callers poll", async () => {
      const { ours } = hosts();
      const fd = await ours.open(freshPath());
      await expect(ours.startWait("w", fd, "exclusive")).rejects.toMatchObject({ name: "TypeError" });
      await ours.close(fd);
    });
    return;
  }

  it("a waiter is granted the lock when the holder releases it", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await ours.startWait("w", mine, "exclusive");
    await theirs.unlock(other);
    expect(await ours.granted("w")).toBe(true);
    expect(await theirs.tryLock(other, "exclusive")).toBe(false);
    await ours.unlock(mine);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("two shared waiters are granted together", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [first, second, other] = [await ours.open(path), await ours.open(path), await theirs.open(path)];
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await Promise.all([ours.startWait("a", first, "shared"), ours.startWait("b", second, "shared")]);
    await theirs.unlock(other);
    expect(await Promise.all([ours.granted("a"), ours.granted("b")])).toEqual([true, true]);
    await Promise.all([ours.close(first), ours.close(second), theirs.close(other)]);
  });

  it("a cancelled wait leaves no ghost lock", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await ours.startWait("w", mine, "exclusive");
    await ours.cancel("w");
    expect(await ours.granted("w")).toBe(false);
    await ours.cancel("w");
    await theirs.unlock(other);
    expect(flockCommandGets(path)).toBe(true);
    expect(await ours.tryLock(mine, "exclusive")).toBe(true);
    await ours.cancel("w");
    expect(flockCommandGets(path), "a late cancel must not release").toBe(false);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  const race = async (cancel: (host: LockHost) => Promise<unknown>, rounds: number): Promise<void> => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    for (let round = 0; round < rounds; round += 1) {
      expect(await theirs.tryLock(other, "exclusive"), `round ${round}`).toBe(true);
      await ours.startWait("w", mine, "exclusive");
      if (round % 2 === 0) await Promise.all([theirs.unlock(other), cancel(ours)]);
      else await Promise.all([cancel(ours), theirs.unlock(other)]);
      const granted = await ours.granted("w");
      expect(await theirs.tryLock(other, "exclusive"), `round ${round}, granted ${granted}`).toBe(!granted);
      await Promise.all([ours.unlock(mine), theirs.unlock(other)]);
    }
    await Promise.all([ours.close(mine), theirs.close(other)]);
  };

  it("when cancel and grant race, the answer tells who owns the lock", () =>
    race((host) => host.cancel("w"), binding === "addon" ? 200 : 20));

  if (binding === "addon") {
    it("when a synchronous cancel and a grant race, the answer tells who owns the lock", () =>
      race((host) => host.cancelSync("w"), 200));

    it("a synchronous cancel answers at once, and the wait's own answer is the same", async () => {
      const { ours, theirs } = hosts();
      const path = freshPath();
      const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
      expect(await theirs.tryLock(other, "exclusive")).toBe(true);
      await ours.startWait("w", mine, "exclusive");
      expect(await ours.cancelSync("w")).toBe(false);
      expect(await ours.granted("w")).toBe(false);
      await ours.startWait("w", mine, "exclusive");
      await theirs.unlock(other);
      expect(await ours.granted("w")).toBe(true);
      expect(await ours.cancelSync("w")).toBe(true);
      await Promise.all([ours.close(mine), theirs.close(other)]);
    });
  }

  it("a wait on a closed descriptor is a FlockSystemError with EBADF", async () => {
    const { ours } = hosts();
    const fd = await ours.open(freshPath());
    await ours.close(fd);
    const refusal = { name: "FlockSystemError", osCode: "EBADF" };
    await expect(ours.startWait("w", fd, "exclusive")).rejects.toMatchObject(refusal);
    await expect(ours.waitSync(fd, "exclusive", 10)).rejects.toMatchObject(refusal);
  });

  it("waiting does not stop other file operations, however many wait", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const holder = await theirs.open(path);
    expect(await theirs.tryLock(holder, "exclusive")).toBe(true);
    const keys = Array.from({ length: 8 }, (_, index) => `w${index}`);
    const descriptors = await Promise.all(keys.map(() => ours.open(path)));
    await Promise.all(keys.map((key, index) => ours.startWait(key, descriptors[index] ?? -1, "shared")));
    expect(await ours.stat(path)).toBe(true);
    expect(await ours.descriptorsOfChild()).not.toContain(path);
    await theirs.unlock(holder);
    expect(new Set(await Promise.all(keys.map((key) => ours.granted(key))))).toEqual(new Set([true]));
    await Promise.all([...descriptors.map((fd) => ours.close(fd)), theirs.close(holder)]);
  });

  it("a blocking wait ends without the lock when its time is up", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    expect(await ours.waitSync(mine, "exclusive", 0)).toBe(false);
    expect(await ours.waitSync(mine, "exclusive", 20)).toBe(false);
    await theirs.unlock(other);
    expect(flockCommandGets(path)).toBe(true);
    expect(await ours.waitSync(mine, "exclusive", 0)).toBe(true);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("a blocking wait is granted when the holder releases", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    for (const timeoutMs of [60_000, Infinity]) {
      expect(await theirs.tryLock(other, "exclusive")).toBe(true);
      const granted = ours.waitSync(mine, "exclusive", timeoutMs);
      await theirs.unlock(other);
      expect(await granted).toBe(true);
      expect(await theirs.tryLock(other, "shared")).toBe(false);
      await ours.unlock(mine);
    }
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("a timeout that is no number of milliseconds is a RangeError", async () => {
    const { ours } = hosts();
    await expect(ours.waitSync(0, "exclusive", -1)).rejects.toMatchObject({ name: "RangeError" });
  });
}
