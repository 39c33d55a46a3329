import type { LockRequest } from "./acquire-lock.ts";
import { noteTimeout } from "./adaptive-timeout.ts";
import { monotonicMs } from "./clock.ts";
import { describeHolder } from "./found-lock.ts";
import { LockTimeoutError } from "./lock-errors.ts";
import { holdersOf } from "./lock-holder.ts";
import type { LegPlan } from "./lock-layout.ts";
import type { LockLocation } from "./queues.ts";

/** What a caller is told that waited in vain: for how long, and who holds it. @param busy - The leg that could not be had. */
export function timedOut(
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
  busy: LegPlan = location.plan.legs[0],
): LockTimeoutError {
  const { path, mode, timeoutMs } = request;
  const holder = busy.kind === "flock" ? holdersOf(busy.path)[0] : undefined;
  const described = busy.kind === "flock" ? holder?.description : describeHolder(busy);
  const waitedMs = monotonicMs() - startedAt;
  noteTimeout(location.plan.legs[0].path, waitedMs);
  return new LockTimeoutError({
    path,
    mode,
    timeoutMs,
    waitedMs,
    holder,
    described,
    hints: location.plan.hints,
  });
}
