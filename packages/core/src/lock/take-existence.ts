/** Taking a leg that consists in a file or directory being there. */
import { files } from "../platform/file-system.ts";
import { ExistenceLeg } from "./existence-leg.ts";
import type { HeldLeg } from "./file-lock.ts";
import type { FlockLegPlan, LegPlan } from "./lock-layout.ts";

/** Pauses between looks at a neighbour's lock that no kernel queue exists for. */
export const maxExistencePauseMs = 50;

/** One attempt. Adds the leg to those taken. @param blocking - Whether the thread will block while it holds it. */
export function takeExistence(
  plan: Exclude<LegPlan, FlockLegPlan>,
  taken: HeldLeg[],
  blocking: boolean,
): boolean {
  const held = taken.flatMap((leg) => ("queue" in leg ? leg.queue.primitive : []));
  const proof = held.find(({ provesAlone }) => provesAlone);
  const kernelLock = proof && identityOf(proof.lockPath);
  const followsDead = taken.some((leg) => "existence" in leg && leg.existence.brokeOurDead);
  const existence = new ExistenceLeg(plan, { kernelLock, followsDead, blocking });
  if (!existence.tryAcquire()) return false;
  taken.push({ existence });
  return true;
}

/** Of the file that was just found to be the one that is locked. */
function identityOf(lockPath: string): string | undefined {
  try {
    const stats = files.statSync(lockPath);
    return stats && `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}
