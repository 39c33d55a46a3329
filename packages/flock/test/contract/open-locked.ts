import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";

import { GrantCheck } from "../../src/index.ts";
import type { Scene } from "../binding-contract.ts";
import { flockCommandGets } from "../support/rivals.ts";

/** A lock for one use: a sound one or none, and nothing left open after none. */
export function describeOpenLocked({ binding, place, hosts, startHost, freshPath }: Scene): void {
  if (binding !== "addon") {
    it("has no lock for one use", async () => {
      expect(await hosts().ours.hasOpenLocked()).toBe(false);
    });
    return;
  }

  it("a lock for one use is created, held in its mode, and gone with its close", async () => {
    const { ours } = hosts();
    const path = freshPath();
    for (const mode of ["exclusive", "shared"] as const) {
      const fd = await ours.openLocked(path, mode, "", 0o640);
      expect(statSync(path).mode & 0o777).toBe(0o640);
      expect(flockCommandGets(path)).toBe(false);
      expect(flockCommandGets(path, "-s")).toBe(mode === "shared");
      expect(await ours.descriptorsOf(path)).toBe(1);
      expect(await ours.descriptorsOfChild()).not.toContain(path);
      await ours.closeLocked(fd ?? -1);
      expect(flockCommandGets(path)).toBe(true);
      expect(await ours.descriptorsOf(path)).toBe(0);
    }
  });

  it("whatever is in the way, there is no lock and nothing stays open", async () => {
    const { ours, theirs } = hosts();
    const [held, pipe, directory, link, linked, data, symlinked, missing] = Array.from(
      { length: 8 },
      freshPath,
    ) as [string, string, string, string, string, string, string, string];
    const holder = await theirs.open(held);
    expect(await theirs.tryLock(holder, "exclusive")).toBe(true);
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    mkdirSync(directory);
    writeFileSync(linked, "");
    symlinkSync(linked, link);
    writeFileSync(data, "");
    linkSync(data, `${data}.second`);
    symlinkSync(data, symlinked);
    for (const [lockPath, dataPath] of [
      [held, ""],
      [pipe, ""],
      [directory, ""],
      [link, ""],
      [`${missing}/x`, ""],
      [`${missing}\0`, ""],
      ["ü".repeat(2100), ""],
      [linked, data],
      [linked, symlinked],
    ] as const) {
      expect(await ours.openLocked(lockPath, "exclusive", dataPath), lockPath).toBeUndefined();
    }
    for (const path of [held, pipe, directory, linked]) expect(await ours.descriptorsOf(path), path).toBe(0);
    expect(flockCommandGets(linked), "given back").toBe(true);
    const fd = await ours.openLocked(linked, "exclusive", symlinked, 0o600, GrantCheck.dataIsSymlink);
    expect(flockCommandGets(linked)).toBe(false);
    await Promise.all([ours.closeLocked(fd ?? -1), theirs.close(holder)]);
  });

  it("closes only what it opened, and that once", async () => {
    const { ours } = hosts();
    const path = freshPath();
    const refusal = { name: "FlockSystemError", operation: "unlock and close", osCode: "EBADF" };
    const foreign = await ours.open(path);
    await expect(ours.closeLocked(foreign)).rejects.toMatchObject(refusal);
    expect(await ours.tryLock(foreign, "exclusive"), "still open").toBe(true);
    await ours.close(foreign);
    const fd = (await ours.openLocked(path, "exclusive", "")) ?? -1;
    await ours.closeLocked(fd);
    await expect(ours.closeLocked(fd)).rejects.toMatchObject(refusal);
  });

  it("a wrong argument is named before anything is opened", async () => {
    const { ours } = hosts();
    const path = freshPath();
    for (const fileMode of [-1, 0o1777, 0.5])
      await expect(ours.openLocked(path, "shared", "", fileMode)).rejects.toMatchObject({
        name: "RangeError",
      });
    await expect(ours.openLocked(path, "upgrade" as "shared", "")).rejects.toMatchObject({
      name: "TypeError",
    });
    await expect(ours.openLocked(path, "shared", "", 0o600, GrantCheck.busy)).rejects.toThrow("ignoredFlaws");
    await expect(ours.closeLocked(-1)).rejects.toMatchObject({ name: "TypeError" });
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  if (place === "worker thread")
    it("a terminated worker's locks for one use are free", async () => {
      const host = await startHost();
      const paths = Array.from({ length: 20 }, freshPath);
      for (const path of paths) expect(await host.openLocked(path, "exclusive", "")).toBeTypeOf("number");
      await host.terminateWorker();
      for (const path of paths) expect(flockCommandGets(path)).toBe(true);
      for (const path of paths) rmSync(path);
      await host.kill();
    });
}
