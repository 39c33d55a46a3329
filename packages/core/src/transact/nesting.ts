import { AsyncLocalStorage } from "node:async_hooks";
import { LockReentryError } from "../lock/lock-errors.ts";

/** Inside which `transact` the running code is. */
const around = new AsyncLocalStorage<{ active: boolean }>();

/**
 * Runs a `transact`, and tells it how to run its work.
 * @param member - A member, for the message.
 * @throws {LockReentryError} inside the work of another: it would be a commit of its own, under locks taken out of order.
 */
export async function outermost<R>(
  member: string,
  transact: (inside: <T>(work: () => T) => T) => Promise<R>,
): Promise<R> {
  if (around.getStore()?.active === true)
    throw new LockReentryError(
      member,
      "exclusive",
      "this code runs inside the work of a transact. Name all members in one transact: a second one would be a commit of its own.",
    );
  const frame = { active: true };
  try {
    return await transact((work) => around.run(frame, work));
  } finally {
    frame.active = false;
  }
}
