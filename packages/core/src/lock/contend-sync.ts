import { current, type FlockBinding } from "../platform/flock.ts";
import { monotonicMs } from "./clock.ts";
import type { KernelLock } from "./kernel-lock.ts";
import { LockFailedError } from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt } from "./lock-primitive.ts";
import { sleepSync } from "./sleep-sync.ts";

/** Tries, then waits in the kernel's queue, blocking the thread, until it is granted or the deadline has passed. */
export function contendSync(lock: KernelLock, mode: LockMode, dataPath: string, deadlineAt: number): Attempt {
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 8)) {
    const outcome = lock.tryAcquire(mode, dataPath);
    if (outcome !== "busy") return outcome;
    const leftMs = deadlineAt - monotonicMs();
    if (leftMs <= 0) return "busy";
    if (mode === "exclusive") lock.turnstile.announce();
    // After some 20 ms of polling, sit in the kernel's queue, in slices that let the turnstile be looked at again.
    const { waitSync } = current();
    if (
      pauseMs < 8 ||
      waitSync === undefined ||
      mode === "shared" ||
      lock.needsPolling ||
      lock.neighboursUnlink
    ) {
      sleepSync(Math.min(pauseMs, leftMs));
      continue;
    }
    if (!waitInSlice(lock, waitSync, mode, Math.min(leftMs, 100))) continue;
    const accepted = lock.accept(mode, dataPath);
    if (accepted !== "busy") return accepted;
  }
}

function waitInSlice(
  lock: KernelLock,
  waitSync: NonNullable<FlockBinding["waitSync"]>,
  mode: LockMode,
  ms: number,
): boolean {
  try {
    return waitSync(lock.fd, mode, ms);
  } catch (cause) {
    throw new LockFailedError(lock.lockPath, "wait for", cause);
  }
}
