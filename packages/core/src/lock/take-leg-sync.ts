/** Taking one leg of a lock at once, or blocking the thread until it is there. */
import type { LockRequest } from "./acquire-lock.ts";
import { monotonicMs } from "./clock.ts";
import type { HeldLeg } from "./file-lock.ts";
import { isHeldByThread } from "./held-locks.ts";
import { LockReentryError } from "./lock-errors.ts";
import type { FlockLegPlan, LegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { ResolvedLockOptions } from "./lock-options.ts";
import { queueFor, type LockLocation } from "./queues.ts";
import { sleepSync } from "./sleep-sync.ts";
import { maxExistencePauseMs, takeExistence } from "./take-existence.ts";
import { timedOut } from "./timed-out.ts";

/** One attempt. Adds the leg to those taken when it is granted. */
export function takeLegNow(
  plan: LegPlan,
  mode: LockMode,
  dataPath: string,
  options: ResolvedLockOptions,
  taken: HeldLeg[],
  blocking: boolean,
): "granted" | "busy" | "moved" {
  if (plan.kind !== "flock") return takeExistence(plan, taken, blocking) ? "granted" : "busy";
  const queue = queueFor(plan, options);
  const outcome = queue.tryEnter(mode, dataPath, options.timeoutMs !== 0);
  if (outcome === "granted") taken.push({ queue, mode });
  return outcome;
}

/** Blocks the thread until it is granted, or the time is up. */
export function takeLegSync(
  plan: LegPlan,
  mode: LockMode,
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
  taken: HeldLeg[],
): "granted" | "moved" {
  const leftMs = (): number => Math.max(startedAt + request.timeoutMs - monotonicMs(), 0);
  if (plan.kind !== "flock") {
    for (
      let pauseMs = 1;
      !takeExistence(plan, taken, true);
      pauseMs = Math.min(pauseMs * 2, maxExistencePauseMs)
    ) {
      if (leftMs() <= 0) throw timedOut(request, location, startedAt, plan);
      sleepSync(Math.min(pauseMs, leftMs()));
    }
    return "granted";
  }
  const queue = queueFor(plan, request.options);
  refuseSelfDeadlock(plan, queue.heldMode, mode, request.path);
  const outcome = queue.enterSync(mode, location.targetPath, leftMs());
  if (outcome === undefined) {
    throw new LockReentryError(
      request.path,
      mode,
      "this thread waits for it asynchronously through a child process, which a synchronous wait would block. Use the asynchronous call.",
    );
  }
  if (outcome === "busy") throw timedOut(request, location, startedAt, plan);
  if (outcome === "granted") taken.push({ queue, mode });
  return outcome;
}

/** A synchronous wait for a lock that this very thread holds would block the code that is to release it. */
function refuseSelfDeadlock(
  plan: FlockLegPlan,
  heldHere: LockMode | undefined,
  wanted: LockMode,
  path: string,
): void {
  if (heldHere === "shared" && wanted === "shared") return;
  if (heldHere === undefined && !isHeldByThread(plan.path)) return;
  throw new LockReentryError(
    path,
    heldHere ?? "exclusive",
    "this thread holds it, and a synchronous wait would block the very code that is to release it. Use the asynchronous call.",
  );
}
