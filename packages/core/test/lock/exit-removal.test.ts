import { existsSync, mkdirSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";

import { tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const layout = "flowforge";
let tasks: string;

beforeEach(() => {
  mkdirSync(space.file(".flowforge"));
  tasks = space.file(".flowforge/tasks.json");
});

function remains(): readonly boolean[] {
  return [existsSync(space.file(".flowforge/.locks/tasks.json.lock")), existsSync(`${tasks}.lock`)];
}

describe("what the kernel does not free", () => {
  it.each([
    ["exit", 3],
    ["throwUncaught", 1],
    ["rejectUnhandled", 1],
  ] as const)("is removed by a process that ends by %s", async (how, code) => {
    await using peer = await LockPeer.start();
    await peer.acquire("a", tasks, "exclusive", { layout });
    expect(remains()).toEqual([true, true]);
    if (how === "exit") peer.post("exit", 3);
    else peer.post(how);
    expect(await peer.exited).toBe(code);
    expect(remains()).toEqual([false, false]);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "is removed on %s, which ends the process as ever",
    async (signal) => {
      await using peer = await LockPeer.start();
      await peer.acquire("a", tasks, "exclusive", { layout });
      peer.signal(signal);
      expect(await peer.exited).toBe(signal);
      expect(remains()).toEqual([false, false]);
    },
  );

  it("does not keep a signal from ending a process that holds nothing any more", async () => {
    await using peer = await LockPeer.start();
    await peer.acquire("a", tasks, "exclusive", { layout });
    await peer.release("a");
    peer.signal("SIGTERM");
    expect(await peer.exited).toBe("SIGTERM");
  });

  it.each([
    ["once", "before"],
    ["once", "after"],
    ["on", "before"],
    ["on", "after"],
  ] as const)(
    "leaves a program's own handler (%s, installed %s the lock) to end it in its own time",
    async (how, when) => {
      await using peer = await LockPeer.start();
      if (when === "before") await peer.call("handleSignal", "SIGTERM", how, 9);
      await peer.acquire("a", tasks, "exclusive", { layout });
      if (when === "after") await peer.call("handleSignal", "SIGTERM", how, 9);
      peer.signal("SIGTERM");
      expect(await peer.exited).toBe(9);
      expect(remains()).toEqual([false, false]);
    },
  );

  it("does not swallow a signal together with another library that waits for the last handler (signal-exit)", async () => {
    await using peer = await LockPeer.start();
    await peer.acquire("lease", space.file("other"), "exclusive", { backend: "proper-lockfile" });
    await peer.acquire("a", tasks, "exclusive", { layout });
    peer.signal("SIGTERM");
    expect(await peer.exited).toBe("SIGTERM");
    expect(remains()).toEqual([false, false]);
    expect(existsSync(space.file("other.lock"))).toBe(false);
  });

  it("does not swallow a signal where two copies of the package are loaded", async () => {
    await using peer = await LockPeer.start();
    await peer.acquire("a", tasks, "exclusive", { layout });
    await peer.call("acquireInCopy", "b", space.file(".flowforge/other.json"), "exclusive", { layout });
    peer.signal("SIGTERM");
    expect(await peer.exited).toBe("SIGTERM");
    expect(remains()).toEqual([false, false]);
    expect(existsSync(space.file(".flowforge/other.json.lock"))).toBe(false);
  });

  it("is broken on proof of death where SIGKILL left it", async () => {
    await using peer = await LockPeer.start();
    await peer.acquire("a", tasks, "exclusive", { layout });
    await peer.kill();
    expect(remains()).toEqual([true, true]);
    const lock = await tryAcquireLock(tasks, "exclusive", { layout });
    expect(lock).toBeDefined();
    await lock?.release();
    expect(remains()).toEqual([false, false]);
  });

  it("stays while its process is only stopped", async () => {
    await using peer = await LockPeer.start();
    await peer.acquire("a", tasks, "exclusive", { layout });
    peer.signal("SIGSTOP");
    expect(await tryAcquireLock(tasks, "exclusive", { layout })).toBeUndefined();
    peer.signal("SIGCONT");
    await peer.release("a");
  });
});
