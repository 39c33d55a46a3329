import type { LockLayout, Store, StoreLockHold } from "@flockwork/core";
import { IdentityHeldError } from "../errors.ts";
import { DaemonPid, readDaemonPid } from "./daemon-pid.ts";

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
 * `daemon/daemon.pid` beside it says whose it is, so that `gt daemon` can show the process and stop it. It is written once the
 * lock is held and removed before it is released; of a process that was killed it stays, and means nothing without the lock.
 *
 * @param store - A store of the town's directory.
 * @throws {IdentityHeldError} `ERR_IDENTITY_HELD`: a daemon runs. Else as acquiring a lock and as `replaceFile`: then the lock
 * is not held.
 */
export async function acquireDaemonLock(store: Store): Promise<StoreLockHold> {
  const lock = store.lock("daemon/daemon", { layout: daemonLayout });
  const hold = await lock.tryAcquire("exclusive");
  if (hold === undefined) {
    const { holders } = await lock.inspect();
    const pid = await readDaemonPid(store);
    throw new IdentityHeldError("daemon/daemon.lock", holders.join(", ") || "an unknown process", pid);
  }
  try {
    return new HeldDaemonLock(hold, await DaemonPid.write(store));
  } catch (error) {
    await hold.release();
    throw error;
  }
}

class HeldDaemonLock implements StoreLockHold {
  readonly #hold: StoreLockHold;
  readonly #pid: DaemonPid | undefined;
  #released: Promise<void> | undefined;

  constructor(hold: StoreLockHold, pid: DaemonPid | undefined) {
    this.#hold = hold;
    this.#pid = pid;
  }

  get mode(): StoreLockHold["mode"] {
    return this.#hold.mode;
  }

  get held(): boolean {
    return this.#hold.held;
  }

  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  assertHeld(): void {
    this.#hold.assertHeld();
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** The lock is given back, whatever becomes of the file: a pid without a lock means nothing. */
  async #release(): Promise<void> {
    try {
      await this.#pid?.remove();
    } finally {
      await this.#hold.release();
    }
  }
}
