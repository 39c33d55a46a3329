import { writeFileSync } from "node:fs";

import { expect, it } from "vitest";

import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";
import { untilWaiting } from "../support/lock-until.ts";

const space = useLockSpace();

it.each([
  ["the addon", undefined],
  ["koffi and flock(1)", "koffi"],
])("a process that waits for locks keeps all of libuv's threads free (%s)", async (_, binding) => {
  const names = ["a", "b", "c", "d", "e"];
  const held = await Promise.all(names.map((name) => acquireLock(space.file(name), "exclusive")));
  writeFileSync(space.file("text"), "read");
  const forced = binding === undefined ? {} : { FLOCKWORK_FLOCK_BINDING: binding };
  await using peer = await LockPeer.start({ env: { UV_THREADPOOL_SIZE: "1", ...forced } });
  for (const name of names)
    await peer.startAcquire(name, space.file(name), "exclusive", { timeoutMs: Infinity });
  for (const name of names) await untilWaiting(space.file(name), 1);
  // With its one thread taken by a wait, none of this would ever end.
  expect(await peer.call("poolWork", space.file("text"))).toEqual({
    text: "read",
    bytes: 16,
    address: "127.0.0.1",
  });
  for (const lock of held) await lock.release();
  for (const name of names) expect((await peer.granted(name)).held).toBe(true);
  for (const name of names) await peer.release(name);
});
