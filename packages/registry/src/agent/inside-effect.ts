/** Which effect the running code is a part of: a change of a registry made there would wait for the commit it is in. */
import { AsyncLocalStorage } from "node:async_hooks";
import { LockReentryError } from "@flockwork/core";

const around = new AsyncLocalStorage<{ readonly effect: string; active: boolean }>();

/** Runs an effect. What it starts and leaves behind is no part of it any more once it is over. */
export async function runInEffect(effect: string, run: () => void | Promise<void>): Promise<void> {
  const frame = { effect, active: true };
  try {
    await around.run(frame, run);
  } finally {
    frame.active = false;
  }
}

/**
 * At once, and not where the lock is asked for: changes wait for each other before that, and so would all that came together.
 * @throws {LockReentryError} `ERR_LOCK_REENTRY`: this code is a part of an effect.
 */
export function refuseInEffect(registry: string): void {
  const frame = around.getStore();
  if (frame?.active === true)
    throw new LockReentryError(
      registry,
      "exclusive",
      `this code runs inside the effect ${JSON.stringify(frame.effect)} of onDeath, whose commit holds it. ` +
        "Change the drafts of the effect's members; call the registry once the effect is over.",
    );
}
