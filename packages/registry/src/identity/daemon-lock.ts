import type { LockLayout, Store, StoreLockHold } from "@flockwork/core";
import { IdentityHeldError } from "../errors.ts";

/** Gas Town's daemon holds flock on `daemon/daemon.lock` for as long as it runs; there is no data file. */
const daemonLayout: LockLayout = {
  name: "gastown-daemon",
  locate: (target) => ({
    legs: [{ kind: "flock", path: `${target}.lock`, fileMode: 0o644, createDirectory: true }],
  }),
};

/**
 * Takes the lock of the one daemon of a town, for as long as the process lives or until it is released. The kernel frees it
 * when the process ends, however it ends. Gas Town's own daemon honours it, and is kept out.
 *
 * @param store - A store of the town's directory.
 * @throws {IdentityHeldError} `ERR_IDENTITY_HELD`: a daemon runs. Else as acquiring a lock.
 */
export async function acquireDaemonLock(store: Store): Promise<StoreLockHold> {
  const lock = store.lock("daemon/daemon", { layout: daemonLayout });
  const hold = await lock.tryAcquire("exclusive");
  if (hold !== undefined) return hold;
  const { holders } = await lock.inspect();
  throw new IdentityHeldError("daemon/daemon.lock", holders.join(", ") || "an unknown process", undefined);
}
