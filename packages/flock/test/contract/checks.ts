import { chmodSync, chownSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { geteuid } from "node:process";
import { expect, it } from "vitest";

import { GrantCheck } from "../../src/index.ts";
import type { Scene } from "../binding-contract.ts";

const isRoot = geteuid?.() === 0;

/** What checkGrant sees. */
export function describeChecks({ place, hosts, startHost, freshPath }: Scene): void {
  it("a grant on the file at the lock path, beside an ordinary data file, is sound", async () => {
    const { ours } = hosts();
    const [lock, data] = [freshPath(), freshPath()];
    const fd = await ours.open(lock);
    expect(await ours.checkGrant(fd, lock, data)).toBe(GrantCheck.ok);
    writeFileSync(data, "{}");
    expect(await ours.checkGrant(fd, lock, data)).toBe(GrantCheck.ok);
    await ours.close(fd);
  });

  it("a lock file that was unlinked or replaced is told, and so is a vanished directory", async () => {
    const { ours } = hosts();
    const directory = freshPath();
    mkdirSync(directory);
    const lock = `${directory}/ü.lock`;
    const fd = await ours.open(lock);
    expect(await ours.checkGrant(fd, lock, "")).toBe(GrantCheck.ok);
    rmSync(lock);
    expect(await ours.checkGrant(fd, lock, "")).toBe(GrantCheck.lockReplaced);
    writeFileSync(lock, "");
    expect(await ours.checkGrant(fd, lock, "")).toBe(GrantCheck.lockReplaced);
    rmSync(directory, { recursive: true });
    expect(await ours.checkGrant(fd, lock, "")).toBe(GrantCheck.lockReplaced);
    writeFileSync(directory, "now a file");
    expect(await ours.checkGrant(fd, lock, `${directory}/data`)).toBe(GrantCheck.lockReplaced);
    await ours.close(fd);
  });

  it("a data file that is a link, or has two names, is told", async () => {
    const { ours } = hosts();
    const [lock, data, link, name] = [freshPath(), freshPath(), freshPath(), freshPath()];
    const fd = await ours.open(lock);
    writeFileSync(data, "{}");
    symlinkSync(data, link);
    expect(await ours.checkGrant(fd, lock, link)).toBe(GrantCheck.dataIsSymlink);
    expect(await ours.checkGrant(fd, lock, data)).toBe(GrantCheck.ok);
    linkSync(data, name);
    expect(await ours.checkGrant(fd, lock, data)).toBe(GrantCheck.dataHasHardLinks);
    rmSync(lock);
    expect(await ours.checkGrant(fd, lock, link)).toBe(GrantCheck.lockReplaced | GrantCheck.dataIsSymlink);
    await ours.close(fd);
  });

  it("a lock file that is a device is told", async () => {
    const { ours } = hosts();
    const fd = await ours.open("/dev/null");
    expect(await ours.checkGrant(fd, "/dev/null", "")).toBe(GrantCheck.lockNotRegular);
    await ours.close(fd);
  });

  it("a path that cannot be looked at is a FlockSystemError", async () => {
    const { ours } = hosts();
    const lock = freshPath();
    const fd = await ours.open(lock);
    const refusal = { name: "FlockSystemError", code: "ERR_FLOCK_SYSTEM" };
    const loop = freshPath();
    symlinkSync(loop, loop);
    await expect(ours.checkGrant(fd, loop, "")).rejects.toMatchObject({ ...refusal, osCode: "ELOOP" });
    await expect(ours.checkGrant(fd, lock, `${lock}\0`)).rejects.toMatchObject({
      ...refusal,
      osCode: "EINVAL",
    });
    for (const long of ["x".repeat(9000), "ü".repeat(2100), "€".repeat(1400)])
      await expect(ours.checkGrant(fd, long, "")).rejects.toMatchObject({
        ...refusal,
        osCode: "ENAMETOOLONG",
      });
    await ours.close(fd);
  });

  if (!isRoot) return;
  it("for root, a lock file of anybody else is foreign", async () => {
    const { ours } = hosts();
    const lock = freshPath();
    const fd = await ours.open(lock);
    chownSync(lock, 1234, 0);
    expect(await ours.checkGrant(fd, lock, "")).toBe(GrantCheck.lockForeignOwner);
    await ours.close(fd);
  });

  if (place === "worker thread") return; // credentials belong to the process: a worker cannot change them
  it("for a user, root's lock file and its own are trusted, another user's is foreign", async () => {
    const host = await startHost();
    const locks = [freshPath(), freshPath(), freshPath()] as const;
    const descriptors = await Promise.all(locks.map((lock) => host.open(lock)));
    for (const [index, owner] of [0, 1234, 4321].entries()) chownSync(locks[index] ?? "", owner, 0);
    chmodSync(dirname(locks[0]), 0o755);
    await host.becomeUser(1234);
    const checks = descriptors.map((fd, index) => host.checkGrant(fd, locks[index] ?? "", ""));
    expect(await Promise.all(checks)).toEqual([GrantCheck.ok, GrantCheck.ok, GrantCheck.lockForeignOwner]);
    await host.exit(0);
  });
}
