import { expect, it } from "vitest";

import type { Scene } from "../binding-contract.ts";
import type { LockHost } from "../support/lock-host.ts";
import { becomesFree, flockCommandGets } from "../support/rivals.ts";

/** However a holder or a waiter ends, the lock ends with it, and nobody's exit is held up. */
export function describeDeaths({ binding, place, canWait, hosts, startHost, freshPath }: Scene): void {
  // A flock(1) child outlives the waiter that was killed, until its own turn comes and it exits.
  const isFree = binding === "flock-command" ? becomesFree : flockCommandGets;

  it("a killed holder's lock is free", async () => {
    const path = freshPath();
    const host = await startHost();
    expect(await host.tryLock(await host.open(path), "exclusive")).toBe(true);
    expect(flockCommandGets(path)).toBe(false);
    expect(await host.kill()).toBe("SIGKILL");
    expect(flockCommandGets(path)).toBe(true);
  });

  if (place === "worker thread")
    it("a terminated worker's lock is free", async () => {
      const path = freshPath();
      const host = await startHost();
      expect(await host.tryLock(await host.open(path), "exclusive")).toBe(true);
      await host.terminateWorker();
      expect(flockCommandGets(path)).toBe(true);
      await host.kill();
    });

  if (!canWait) return;

  it("a waiter gets the lock when the holder is killed", async () => {
    const { ours } = hosts();
    const path = freshPath();
    const host = await startHost();
    expect(await host.tryLock(await host.open(path), "exclusive")).toBe(true);
    const fd = await ours.open(path);
    await ours.startWait("w", fd, "exclusive");
    await host.kill();
    expect(await ours.granted("w")).toBe(true);
    await ours.close(fd);
  });

  const ends = {
    "process.exit": async (host: LockHost) => expect(await host.exit(7)).toBe(7),
    "an uncaught error": async (host: LockHost) => expect(await host.throwUncaught()).toBe(1),
    SIGKILL: async (host: LockHost) => expect(await host.kill()).toBe("SIGKILL"),
  };
  it.each(Object.entries(ends))("%s ends a waiting process without a grant", async (_, end) => {
    const { ours } = hosts();
    const path = freshPath();
    const fd = await ours.open(path);
    expect(await ours.tryLock(fd, "exclusive")).toBe(true);
    const host = await startHost();
    await host.startWait("w", await host.open(path), "exclusive");
    await host.startWait("v", await host.open(path), "shared");
    await end(host);
    await ours.unlock(fd);
    expect(isFree(path)).toBe(true);
    await ours.close(fd);
  });

  const workerEnds = {
    "worker.terminate": async (host: LockHost) => host.terminateWorker(),
    "process.exit": async (host: LockHost) => expect(await host.exitWorker(7)).toBe(7),
  };
  if (place === "worker thread")
    it.each(Object.entries(workerEnds))(
      "%s ends a waiting worker without a grant and without a ghost lock",
      async (_, end) => {
        const { ours } = hosts();
        const path = freshPath();
        const fd = await ours.open(path);
        expect(await ours.tryLock(fd, "exclusive")).toBe(true);
        const host = await startHost();
        for (const key of ["a", "b", "c"]) await host.startWait(key, await host.open(path), "exclusive");
        await end(host);
        await ours.unlock(fd);
        expect(isFree(path)).toBe(true);
        await host.kill();
        await ours.close(fd);
      },
    );

  if (place === "child process")
    it("a wait keeps its process alive until it is granted", async () => {
      const { ours } = hosts();
      const path = freshPath();
      const fd = await ours.open(path);
      expect(await ours.tryLock(fd, "exclusive")).toBe(true);
      const host = await startHost();
      await host.startWait("w", await host.open(path), "exclusive");
      const ended = host.endWhenGranted("w");
      await ours.unlock(fd);
      expect(await ended).toBe(5);
      expect(flockCommandGets(path)).toBe(true);
      await ours.close(fd);
    });
}
