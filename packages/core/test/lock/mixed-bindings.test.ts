import { expect, it } from "vitest";

import { counted } from "../support/lock-counting.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

it("P1: a fleet of processes with different bindings of flock loses no update", async () => {
  const path = space.file();
  const bindings = ["addon", "koffi", "fs-ext", "flock-command"];
  const peers = await Promise.all(
    bindings.map((binding) => LockPeer.start({ env: { FLOCKWORK_FLOCK_BINDING: binding } })),
  );
  const times = (binding: string | undefined): number => (binding === "flock-command" ? 10 : 100);
  await Promise.all(
    peers.map((peer, at) =>
      peer.call("count", { path, times: times(bindings[at]), callers: 2, kind: "async" }),
    ),
  );
  await Promise.all(peers.map((peer) => peer.kill()));
  expect(counted(path)).toBe(2 * (3 * 100 + 10));
});

it("a process without any binding of flock says which command would give it one", async () => {
  await using peer = await LockPeer.start({
    env: { FLOCKWORK_FLOCK_BINDING: "flock-command", PATH: "/nowhere" },
  });
  const failure = peer.acquire("a", space.file(), "exclusive");
  await expect(failure).rejects.toMatchObject({ code: "ERR_LOCK_UNSUPPORTED", backend: "flock" });
  await expect(failure).rejects.toThrow("apt-get install util-linux");
  await expect(peer.acquireSync("a", space.file(), "shared")).rejects.toMatchObject({
    code: "ERR_LOCK_UNSUPPORTED",
  });
});

it.each(["koffi", "flock-command"])(
  "P13: a synchronous call beside a pending wait in a child process (%s) is refused, and the wait goes on",
  async (binding) => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start({ env: { FLOCKWORK_FLOCK_BINDING: binding } });
    await one.acquire("a", path, "exclusive");
    await two.startAcquire("b", path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    await expect(two.acquireSync("c", path, "exclusive", { timeoutMs: Infinity })).rejects.toMatchObject({
      code: "ERR_LOCK_REENTRY",
    });
    await one.release("a");
    expect((await two.granted("b")).held).toBe(true);
  },
);

it.each(["addon", "koffi", "flock-command"])(
  "a synchronous call right after a wait that was given up (%s) finds the lock busy, and then free",
  async (binding) => {
    const path = space.file();
    await using one = await LockPeer.start();
    await using two = await LockPeer.start({ env: { FLOCKWORK_FLOCK_BINDING: binding } });
    await one.acquire("a", path, "exclusive");
    await two.startAcquire("b", path, "exclusive", { timeoutMs: Infinity });
    await untilWaiting(path, 1);
    await expect(two.call("abortThenSync", "b", "c", path)).rejects.toMatchObject({
      code: "ERR_LOCK_TIMEOUT",
    });
    await one.release("a");
    await two.acquireSync("c", path, "exclusive");
  },
);
