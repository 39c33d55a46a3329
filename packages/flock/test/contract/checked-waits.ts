import { linkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";

import { GrantCheck } from "../../src/index.ts";
import type { Scene } from "../binding-contract.ts";
import type { LockHost } from "../support/lock-host.ts";
import { flockCommandGets } from "../support/rivals.ts";

/** A wait that checks its grant: its answer is an attempt's, and what is flawed was given back before anyone heard of it. */
export function describeCheckedWaits({ binding, place, hosts, startHost, freshPath }: Scene): void {
  if (binding !== "addon") {
    it("has no checked waits", async () => {
      const { ours } = hosts();
      const path = freshPath();
      const fd = await ours.open(path);
      await expect(ours.startCheckedWait("w", fd, "shared", path)).rejects.toThrow("no checked waits");
      await ours.close(fd);
    });
    return;
  }

  /** Waits for a lock that another process holds, which lets go after `meanwhile`. */
  const waited = async (lock: string, data: string, meanwhile: () => void): Promise<number> => {
    const { ours, theirs } = hosts();
    const [mine, other] = await Promise.all([ours.open(lock), theirs.open(lock)]);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await ours.startCheckedWait("w", mine, "exclusive", lock, data);
    meanwhile();
    await theirs.close(other);
    try {
      return await ours.answer("w");
    } finally {
      await ours.close(mine);
    }
  };

  it("a checked wait is granted when the holder lets go", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await ours.startCheckedWait("w", mine, "shared", path, `${path}.data`);
    await theirs.unlock(other);
    expect(await ours.answer("w")).toBe(GrantCheck.ok);
    expect(flockCommandGets(path)).toBe(false);
    expect(flockCommandGets(path, "-s")).toBe(true);
    await ours.unlock(mine);
    expect(flockCommandGets(path)).toBe(true);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("a flawed grant is given back, and its flaws are told", async () => {
    const [lock, aside, data, target] = [freshPath(), freshPath(), freshPath(), freshPath()];
    expect(await waited(lock, "", () => renameSync(lock, aside))).toBe(GrantCheck.lockReplaced);
    expect(flockCommandGets(aside)).toBe(true);
    writeFileSync(target, "");
    expect(await waited(lock, data, () => symlinkSync(target, data))).toBe(GrantCheck.dataIsSymlink);
    expect(flockCommandGets(lock)).toBe(true);
    rmSync(data);
    expect(
      await waited(lock, data, () => {
        linkSync(target, data);
        rmSync(lock);
      }),
    ).toBe(GrantCheck.lockReplaced | GrantCheck.dataHasHardLinks);
  });

  it("a path that cannot be looked at is a FlockSystemError, and the lock is given back", async () => {
    const [lock, loop] = [freshPath(), freshPath()];
    symlinkSync(loop, loop);
    const failure = waited(lock, `${loop}/data`, () => undefined);
    await expect(failure).rejects.toMatchObject({ name: "FlockSystemError", osCode: "ELOOP" });
    expect(flockCommandGets(lock)).toBe(true);
  });

  const race = async (cancel: (host: LockHost) => Promise<unknown>): Promise<void> => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    for (let round = 0; round < 100; round += 1) {
      expect(await theirs.tryLock(other, "exclusive"), `round ${round}`).toBe(true);
      await ours.startCheckedWait("w", mine, "exclusive", path);
      if (round % 2 === 0) await Promise.all([theirs.unlock(other), cancel(ours)]);
      else await Promise.all([cancel(ours), theirs.unlock(other)]);
      const answer = await ours.answer("w");
      expect([GrantCheck.ok, GrantCheck.busy]).toContain(answer);
      expect(await theirs.tryLock(other, "exclusive"), `round ${round}`).toBe(answer !== GrantCheck.ok);
      await Promise.all([ours.unlock(mine), theirs.unlock(other)]);
    }
    await Promise.all([ours.close(mine), theirs.close(other)]);
  };

  it("when cancel and a checked grant race, the answer tells who owns the lock", () =>
    race((host) => host.cancel("w")));

  it("when a synchronous cancel and a checked grant race, both answers tell the same", () =>
    race(async (host) => {
      const held = await host.cancelSync("w");
      expect(await host.answer("w")).toBe(held ? GrantCheck.ok : GrantCheck.busy);
    }));

  if (place === "worker thread")
    it("a checked wait ends with its worker, without a ghost lock", async () => {
      const { ours } = hosts();
      const path = freshPath();
      const fd = await ours.open(path);
      expect(await ours.tryLock(fd, "exclusive")).toBe(true);
      const host = await startHost();
      for (const key of ["a", "b", "c"])
        await host.startCheckedWait(key, await host.open(path), "exclusive", path);
      await host.terminateWorker();
      await ours.unlock(fd);
      expect(flockCommandGets(path)).toBe(true);
      await host.kill();
      await ours.close(fd);
    });
}
