/** Taking the legs of a lock: in order, all or none, at once or by waiting. */
import type { LockRequest } from "./acquire-lock.ts";
import { releaseLegs, type HeldLeg } from "./file-lock.ts";
import type { LegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { ResolvedLockOptions } from "./lock-options.ts";
import type { LockLocation } from "./queues.ts";
import { takeLeg } from "./take-leg.ts";
import { takeLegNow, takeLegSync } from "./take-leg-sync.ts";

type Legs = readonly HeldLeg[];

export function takeLegsNow(
  location: LockLocation,
  mode: LockMode,
  options: ResolvedLockOptions,
  blocking: boolean,
): Legs | "busy" | "moved" {
  return takeInOrder(location, mode, (plan, modeOfLeg, taken) =>
    takeLegNow(plan, modeOfLeg, location.targetPath, options, taken, blocking),
  );
}

export function takeLegsSync(
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
): Legs | "moved" {
  return takeInOrder(location, request.mode, (plan, mode, taken) =>
    takeLegSync(plan, mode, request, location, startedAt, taken),
  );
}

/** All legs or none: what `take` answers for the first that is not granted, after the earlier ones were given back. */
function takeInOrder<Other extends string>(
  location: LockLocation,
  mode: LockMode,
  take: (plan: LegPlan, mode: LockMode, taken: HeldLeg[]) => "granted" | Other,
): Legs | Other {
  const taken: HeldLeg[] = [];
  const modeOfLegs = legMode(location, mode);
  try {
    for (const plan of location.plan.legs) {
      const outcome = take(plan, modeOfLegs, taken);
      if (outcome === "granted") continue;
      releaseLegs(taken.splice(0));
      return outcome;
    }
    return taken;
  } catch (error) {
    releaseLegs(taken);
    throw error;
  }
}

/** {@link takeInOrder}, waiting for each. */
export async function takeLegs(
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
): Promise<Legs | "moved"> {
  const taken: HeldLeg[] = [];
  const mode = legMode(location, request.mode);
  try {
    for (const plan of location.plan.legs) {
      const outcome = await takeLeg(plan, mode, request, location, startedAt, taken);
      if (outcome === "granted") continue;
      releaseLegs(taken.splice(0));
      return outcome;
    }
    return taken;
  } catch (error) {
    releaseLegs(taken);
    throw error;
  }
}

/** A lock that consists in being there cannot be shared, so all of its legs are taken exclusively. */
function legMode({ plan }: LockLocation, mode: LockMode): LockMode {
  return plan.legs.some(({ kind }) => kind !== "flock") ? "exclusive" : mode;
}
