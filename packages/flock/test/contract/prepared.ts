import { spawnSync } from "node:child_process";
import { chownSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { geteuid } from "node:process";
import { expect, it } from "vitest";

import { GrantCheck } from "../../src/index.ts";
import type { Scene } from "../binding-contract.ts";
import { flockCommandGets } from "../support/rivals.ts";

const isRoot = geteuid?.() === 0;

/** What an attempt on a prepared descriptor answers, and that the lock is held after 0 and after nothing else. */
export function describePrepared({ hosts, freshPath }: Scene): void {
  it("an attempt is granted, again and again, in both modes", async () => {
    const { ours } = hosts();
    const [lock, data] = [freshPath(), freshPath()];
    const fd = await ours.open(lock);
    await ours.prepare(fd, lock, data);
    expect(flockCommandGets(lock), "preparing takes no lock").toBe(true);
    for (const mode of ["exclusive", "shared", "exclusive"] as const) {
      expect(await ours.attempt(fd, mode)).toBe(GrantCheck.ok);
      expect(flockCommandGets(lock)).toBe(false);
      expect(flockCommandGets(lock, "-s")).toBe(mode === "shared");
      await ours.unlock(fd);
      expect(flockCommandGets(lock)).toBe(true);
      writeFileSync(data, "{}");
    }
    await ours.close(fd);
  });

  it("an attempt on a lock that another process holds is busy, until it is released", async () => {
    const { ours, theirs } = hosts();
    const lock = freshPath();
    const [mine, other] = await Promise.all([ours.open(lock), theirs.open(lock)]);
    await Promise.all([ours.prepare(mine, lock, ""), theirs.prepare(other, lock, "")]);
    expect(await theirs.attempt(other, "shared")).toBe(GrantCheck.ok);
    expect(await ours.attempt(mine, "exclusive")).toBe(GrantCheck.busy);
    expect(await ours.attempt(mine, "shared")).toBe(GrantCheck.ok);
    await theirs.unlock(other);
    expect(await theirs.attempt(other, "exclusive")).toBe(GrantCheck.busy);
    await ours.unlock(mine);
    expect(await theirs.attempt(other, "exclusive")).toBe(GrantCheck.ok);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("a busy answer names the flaws, too", async () => {
    const { ours, theirs } = hosts();
    const [lock, data] = [freshPath(), freshPath()];
    const [mine, other] = await Promise.all([ours.open(lock), theirs.open(lock)]);
    await ours.prepare(mine, lock, data);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    symlinkSync(lock, data);
    expect(await ours.attempt(mine, "exclusive")).toBe(GrantCheck.busy | GrantCheck.dataIsSymlink);
    rmSync(lock);
    expect(await ours.attempt(mine, "exclusive")).toBe(
      GrantCheck.busy | GrantCheck.lockReplaced | GrantCheck.dataIsSymlink,
    );
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("a lock whose file is missing, replaced or out of reach is given back", async () => {
    const { ours } = hosts();
    const [directory, aside] = [freshPath(), freshPath()];
    mkdirSync(directory);
    const lock = `${directory}/ü.lock`;
    const fd = await ours.open(lock);
    await ours.prepare(fd, lock, `${directory}/data`);
    const isReplaced = async (): Promise<void> => {
      expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.lockReplaced);
      expect(flockCommandGets(aside), "given back").toBe(true);
    };
    renameSync(lock, aside);
    await isReplaced();
    writeFileSync(lock, "");
    await isReplaced();
    rmSync(directory, { recursive: true });
    await isReplaced();
    writeFileSync(directory, "now a file");
    await isReplaced();
    rmSync(directory);
    mkdirSync(directory);
    renameSync(aside, lock);
    expect(await ours.attempt(fd, "exclusive"), "the file is back").toBe(GrantCheck.ok);
    expect(flockCommandGets(lock)).toBe(false);
    await ours.close(fd);
  });

  it("a lock beside a data file that is a link, or has two names, is given back", async () => {
    const { ours } = hosts();
    const [lock, data, target] = [freshPath(), freshPath(), freshPath()];
    const fd = await ours.open(lock);
    await ours.prepare(fd, lock, data);
    writeFileSync(target, "{}");
    symlinkSync(target, data);
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.dataIsSymlink);
    expect(flockCommandGets(lock)).toBe(true);
    rmSync(data);
    linkSync(target, data);
    expect(await ours.attempt(fd, "shared")).toBe(GrantCheck.dataHasHardLinks);
    expect(flockCommandGets(lock)).toBe(true);
    rmSync(target);
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.ok);
    await ours.close(fd);
  });

  it("a lock on a pipe is given back, and told from a regular file even where it was replaced", async () => {
    const { ours, theirs } = hosts();
    const lock = freshPath();
    expect(spawnSync("mkfifo", [lock]).status).toBe(0);
    const [mine, other] = await Promise.all([ours.open(lock), theirs.open(lock)]);
    await ours.prepare(mine, lock, "");
    const isGivenBack = async (): Promise<void> => {
      expect(await theirs.tryLock(other, "exclusive")).toBe(true);
      await theirs.unlock(other);
    };
    expect(await ours.attempt(mine, "exclusive")).toBe(GrantCheck.lockNotRegular);
    await isGivenBack();
    rmSync(lock);
    writeFileSync(lock, "");
    expect(await ours.attempt(mine, "exclusive")).toBe(GrantCheck.lockNotRegular | GrantCheck.lockReplaced);
    await isGivenBack();
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("ignored flaws are left out, and what remains still counts", async () => {
    const { ours } = hosts();
    const [lock, data] = [freshPath(), freshPath()];
    const fd = await ours.open(lock);
    symlinkSync(lock, data);
    await ours.prepare(fd, lock, data, GrantCheck.dataIsSymlink | GrantCheck.dataHasHardLinks);
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.ok);
    expect(flockCommandGets(lock)).toBe(false);
    const rival = await ours.open(lock);
    await ours.prepare(rival, lock, data, GrantCheck.dataIsSymlink);
    expect(await ours.attempt(rival, "exclusive")).toBe(GrantCheck.busy);
    await ours.close(rival);
    await ours.unlock(fd);
    rmSync(lock);
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.lockReplaced);
    await ours.close(fd);
  });

  it.runIf(isRoot)("a lock file of another user is given back, unless that is ignored", async () => {
    const { ours } = hosts();
    const lock = freshPath();
    const fd = await ours.open(lock);
    await ours.prepare(fd, lock, "");
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.ok);
    await ours.unlock(fd);
    chownSync(lock, 1234, 0);
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.lockForeignOwner);
    expect(flockCommandGets(lock)).toBe(true);
    await ours.prepare(fd, lock, "", GrantCheck.lockForeignOwner);
    expect(await ours.attempt(fd, "exclusive")).toBe(GrantCheck.ok);
    await ours.close(fd);
  });

  it("a path that cannot be looked at is a FlockSystemError, and the lock is given back", async () => {
    const { ours } = hosts();
    const [lock, loop] = [freshPath(), freshPath()];
    symlinkSync(loop, loop);
    const fd = await ours.open(lock);
    const refusal = { name: "FlockSystemError", code: "ERR_FLOCK_SYSTEM" };
    for (const [lockPath, dataPath] of [
      [loop, ""],
      [lock, `${loop}/data`],
    ] as const) {
      await ours.prepare(fd, lockPath, dataPath);
      await expect(ours.attempt(fd, "exclusive")).rejects.toMatchObject({ ...refusal, osCode: "ELOOP" });
      expect(flockCommandGets(lock)).toBe(true);
    }
    await ours.close(fd);
  });

  it("what cannot be prepared is refused", async () => {
    const { ours } = hosts();
    const lock = freshPath();
    const fd = await ours.open(lock);
    const refusal = { name: "FlockSystemError", code: "ERR_FLOCK_SYSTEM", operation: "prepare" };
    const long = "ü".repeat(2100);
    await expect(ours.prepare(fd, lock, `${lock}\0`)).rejects.toMatchObject({ ...refusal, osCode: "EINVAL" });
    await expect(ours.prepare(fd, long, "")).rejects.toMatchObject({ ...refusal, osCode: "ENAMETOOLONG" });
    for (const flaws of [GrantCheck.busy, -1, 0.5])
      await expect(ours.prepare(fd, lock, "", flaws)).rejects.toMatchObject({ name: "RangeError" });
    await expect(ours.prepare(-1, lock, "")).rejects.toMatchObject({ name: "TypeError" });
    await ours.prepare(fd, lock, "");
    await expect(ours.attempt(fd, "upgrade" as "shared")).rejects.toMatchObject({ name: "TypeError" });
    await ours.close(fd);
    await expect(ours.prepare(fd, lock, "")).rejects.toMatchObject({ ...refusal, osCode: "EBADF" });
    await expect(ours.attempt(fd, "shared")).rejects.toMatchObject({ operation: "lock", osCode: "EBADF" });
  });
}
