import { describe, expect, it } from "vitest";

import { counted } from "../support/lock-counting.ts";
import { isFlocked } from "../support/lock-neighbours.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

/** One way to hold a lock, as its users choose it. */
export interface BackendUnderTest {
  readonly name: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly options?: { readonly backend?: "flock" | "proper-lockfile" };
  /** Whether it has a shared mode, and whether programs that use flock(2) see it. */
  readonly kernel: boolean;
  /** Whether the kernel knows the holder by its own pid, and not by that of a child that has ended. */
  readonly namesHolder: boolean;
  /** A section costs more where each step starts a child process. */
  readonly sections: number;
}

/** What every backend promises, each process holding locks in the way under test. */
export function describeBackend(backend: BackendUnderTest): void {
  const { name, env, options, kernel, namesHolder, sections } = backend;
  const space = useLockSpace();
  const start = (worker = false): Promise<LockPeer> =>
    LockPeer.start({ worker, ...(env === undefined ? {} : { env }) });

  describe(`backend ${name}`, () => {
    it("L1: keeps others out while held exclusively, and lets the next in after the release", async () => {
      const path = space.file();
      await using one = await start();
      await using two = await start(true);
      const lock = await one.acquire("a", path, "exclusive", options);
      expect(lock).toMatchObject({ path, targetPath: path, lockPath: `${path}.lock`, held: true });
      expect(await two.tryAcquire("b", path, "exclusive", options)).toBe(false);
      expect(await one.tryAcquire("b", path, "exclusive", options)).toBe(false);
      expect(isFlocked(`${path}.lock`)).toBe(kernel);
      await one.release("a");
      expect(await two.tryAcquire("b", path, "exclusive", options)).toBe(true);
    });

    it.runIf(kernel)("P1: lets readers in side by side and keeps writers out", async () => {
      const path = space.file();
      await using one = await start();
      await using two = await start();
      await one.acquire("a", path, "shared", options);
      expect(await two.tryAcquire("b", path, "shared", options)).toBe(true);
      await one.release("a");
      expect(await one.tryAcquire("a", path, "exclusive", options)).toBe(false);
      await two.release("b");
      expect(await one.tryAcquire("a", path, "exclusive", options)).toBe(true);
    });

    it.runIf(!kernel)("refuses a shared lock", async () => {
      await using one = await start();
      const failure = { code: "ERR_LOCK_UNSUPPORTED" };
      await expect(one.acquire("a", space.file(), "shared", options)).rejects.toMatchObject(failure);
      await expect(one.acquireSync("a", space.file(), "shared", options)).rejects.toMatchObject(failure);
    });

    it("grants to one who waits, asynchronously or blocking its thread", async () => {
      const path = space.file();
      await using one = await start();
      await using two = await start();
      for (const call of ["acquire", "acquireSync"] as const) {
        await one.acquire("a", path, "exclusive", options);
        const waiting = two[call]("b", path, "exclusive", { ...options, timeoutMs: Infinity });
        await one.release("a");
        expect((await waiting).held).toBe(true);
        await two.release("b");
      }
    });

    it("gives up in time, asynchronously or blocking its thread, and names the path, the mode and the timeout", async () => {
      const path = space.file();
      await using one = await start();
      await using two = await start();
      await one.acquire("a", path, "exclusive", options);
      for (const call of ["acquireSync", "acquire"] as const) {
        for (const timeoutMs of [0, 30]) {
          const failure = two[call]("b", path, "exclusive", { ...options, timeoutMs });
          await expect(failure).rejects.toMatchObject({
            code: "ERR_LOCK_TIMEOUT",
            path,
            timeoutMs,
            mode: "exclusive",
          });
          await expect(failure).rejects.toThrow(path);
          if (namesHolder) await expect(failure).rejects.toThrow(String(one.pid));
        }
      }
      await one.release("a");
      // Not a single try: where a child process waits in our stead, it takes a moment to end.
      expect((await two.acquire("b", path, "exclusive", options)).held).toBe(true);
    });

    it("L7: holds nothing after a wait was aborted, before or as the lock was released", async () => {
      const path = space.file();
      await using one = await start();
      await using two = await start();
      for (let round = 0; round < 6; round += 1) {
        await one.acquire("a", path, "exclusive", options);
        await two.startAcquire("b", path, "exclusive", { ...options, timeoutMs: Infinity });
        const calls = [() => two.call("abort", "b", "enough"), () => one.release("a")];
        await Promise.all((round % 2 === 0 ? calls : calls.toReversed()).map((call) => call()));
        const outcome = await two.granted("b").catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome.message).toBe("enough");
        else await two.release("b");
        await one.acquire("a", path, "exclusive", { ...options, timeoutMs: Infinity });
        await one.release("a");
      }
    });

    it("P2: is free again when a process ends by itself while it holds and waits", async () => {
      const [path, other] = [space.file(), space.file("other")];
      await using one = await start();
      await using two = await start();
      await one.acquire("a", path, "exclusive", options);
      await two.acquire("b", other, "exclusive", options);
      await one.startAcquire("c", other, "exclusive", { ...options, timeoutMs: Infinity });
      one.post("exit", 3);
      expect(await one.exited).toBe(3);
      await two.acquire("a", path, "exclusive", { ...options, timeoutMs: Infinity });
      await two.release("b");
      await two.acquire("b", other, "exclusive", { ...options, timeoutMs: Infinity });
    });

    it.runIf(kernel)("P2: is free again when its holder is killed", async () => {
      const path = space.file();
      await using one = await start();
      await using two = await start();
      await one.acquire("a", path, "exclusive", options);
      await two.startAcquire("b", path, "exclusive", { ...options, timeoutMs: Infinity });
      await one.kill();
      expect((await two.granted("b")).held).toBe(true);
    });

    it("P13: refuses at once to block the thread that holds it", async () => {
      const path = space.file();
      await using one = await start();
      await one.acquire("a", path, "exclusive", options);
      const reentry = { code: "ERR_LOCK_REENTRY" };
      await expect(
        one.acquireSync("b", path, "exclusive", { ...options, timeoutMs: Infinity }),
      ).rejects.toMatchObject(reentry);
      await one.release("a");
      await one.acquireSync("b", path, "exclusive", options);
    });

    it("T9: loses no update between processes and threads that call it in every way", async () => {
      const path = space.file();
      const peers = await Promise.all([start(), start(true), start()]);
      const kinds = ["async", "sync", "try"] as const;
      const job = { path, times: sections, ...(options === undefined ? {} : { options }) };
      await Promise.all(
        peers.map((peer, at) => {
          const kind = kinds[at] ?? "async";
          return peer.call("count", { ...job, kind, callers: kind === "sync" ? 1 : 2 });
        }),
      );
      await Promise.all(peers.map((peer) => peer.kill()));
      expect(counted(path)).toBe(sections * (2 + 1 + 2));
    });
  });
}
