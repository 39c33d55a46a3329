import { expect, it } from "vitest";

import type { Scene } from "../binding-contract.ts";

/** Who excludes whom, and what is an error. */
export function describeExclusion({ hosts, freshPath }: Scene): void {
  it("an exclusive lock excludes another process until it is released", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await ours.tryLock(mine, "exclusive")).toBe(true);
    expect(await theirs.tryLock(other, "exclusive")).toBe(false);
    expect(await theirs.tryLock(other, "shared")).toBe(false);
    await ours.unlock(mine);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await theirs.unlock(other);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("two descriptors of one process exclude each other", async () => {
    const { ours } = hosts();
    const path = freshPath();
    const [first, second] = [await ours.open(path), await ours.open(path)];
    expect(await ours.tryLock(first, "exclusive")).toBe(true);
    expect(await ours.tryLock(second, "exclusive")).toBe(false);
    await ours.close(first);
    expect(await ours.tryLock(second, "exclusive")).toBe(true);
    await ours.close(second);
  });

  it("shared locks overlap and keep an exclusive one out", async () => {
    const { ours, theirs } = hosts();
    const path = freshPath();
    const [mine, other] = await Promise.all([ours.open(path), theirs.open(path)]);
    expect(await ours.tryLock(mine, "shared")).toBe(true);
    expect(await theirs.tryLock(other, "shared")).toBe(true);
    await theirs.unlock(other);
    expect(await theirs.tryLock(other, "exclusive")).toBe(false);
    await ours.unlock(mine);
    expect(await theirs.tryLock(other, "exclusive")).toBe(true);
    await Promise.all([ours.close(mine), theirs.close(other)]);
  });

  it("releasing a descriptor without a lock is no error", async () => {
    const { ours } = hosts();
    const fd = await ours.open(freshPath());
    await ours.unlock(fd);
    await ours.close(fd);
  });

  it("a closed descriptor is a FlockSystemError with EBADF", async () => {
    const { ours } = hosts();
    const fd = await ours.open(freshPath());
    await ours.close(fd);
    const refusal = { name: "FlockSystemError", code: "ERR_FLOCK_SYSTEM", osCode: "EBADF", errno: 9 };
    await expect(ours.tryLock(fd, "exclusive")).rejects.toMatchObject({ ...refusal, operation: "lock" });
    await expect(ours.unlock(fd)).rejects.toMatchObject({ ...refusal, operation: "unlock" });
    await expect(ours.checkGrant(fd, "/", "")).rejects.toMatchObject(refusal);
  });

  it("what is no descriptor or no mode is a TypeError", async () => {
    const { ours } = hosts();
    await expect(ours.tryLock(-1, "exclusive")).rejects.toMatchObject({ name: "TypeError" });
    await expect(ours.tryLock(1.5, "exclusive")).rejects.toMatchObject({ name: "TypeError" });
    await expect(ours.unlock("3" as unknown as number)).rejects.toMatchObject({ name: "TypeError" });
    await expect(ours.tryLock(0, "write" as "shared")).rejects.toMatchObject({ name: "TypeError" });
  });

  it("a child process inherits no descriptor of a lock file", async () => {
    const { ours } = hosts();
    const path = freshPath();
    const fd = await ours.open(path);
    expect(await ours.tryLock(fd, "exclusive")).toBe(true);
    expect(await ours.descriptorsOfChild()).not.toContain(path);
    await ours.close(fd);
  });
}
