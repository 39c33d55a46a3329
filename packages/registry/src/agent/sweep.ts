import type { DeepReadonly } from "@flockwork/core";
import type { AgentFile } from "./agent-entry.ts";
import type { AgentDeath } from "./agent.ts";
import type { DeathEffects } from "./death-effects.ts";
import type { Registered } from "./eviction.ts";
import { judge, needsSuspicion, type Judge } from "./liveness.ts";
import { entryOf } from "./view.ts";

/** What a sweep did. */
export interface SweepReport {
  /** Agents that were found silent for the first time. */
  readonly suspected: readonly string[];
  /** Agents that were evicted, each with the proof of its death. */
  readonly evicted: readonly AgentDeath[];
  /** Ends that were committed elsewhere, and whose effects were made up for. */
  readonly settled: readonly AgentDeath[];
  /**
   * Agents whose effects failed, or whose locks could not be had in time: nothing of them was changed, and the next sweep tries
   * again. Where the error is `ERR_COMMIT_UNCERTAIN` it may have been: whoever takes the locks next finishes it.
   */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

/** What is to be done, as far as a look without the lock can tell; each of it is looked at again under the lock. */
export interface SweepPlan {
  readonly suspect: readonly string[];
  readonly evict: readonly Registered[];
  readonly settle: readonly Registered[];
}

/** Looks through the registry. Nothing to do is the usual answer, and costs no lock and no write. */
export function planSweep(file: DeepReadonly<AgentFile>, by: Judge, effects: DeathEffects): SweepPlan {
  const suspect: string[] = [];
  const evict: Registered[] = [];
  const settle: Registered[] = [];
  for (const id in file) {
    const entry = entryOf(file, id);
    if (entry === undefined) continue;
    for (const { generation, settled } of entry.ends ?? [])
      if (effects.of(id, settled).length > 0) settle.push({ id, generation });
    if (entry.generation === undefined) continue;
    const { liveness } = judge(id, entry, by);
    if (liveness === "dead") evict.push({ id, generation: entry.generation });
    else if (liveness === "suspect" && needsSuspicion(entry.suspect, by.now)) suspect.push(id);
  }
  return { suspect, evict, settle };
}

/** How each part of a sweep is done. */
export interface SweepActs {
  /** Whether it was noted, for the first time. */
  readonly suspect: (id: string) => Promise<boolean>;
  /** Undefined where it is not dead after all. */
  readonly evict: (registered: Registered) => Promise<AgentDeath | undefined>;
  /** Undefined where there is nothing to do any more. */
  readonly settle: (id: string, generation: string) => Promise<AgentDeath | undefined>;
}

/** Does what was planned. One agent's failing effect does not keep the others from being ended. */
export async function performSweep(plan: SweepPlan, acts: SweepActs): Promise<SweepReport> {
  const isNew = await Promise.all(plan.suspect.map(acts.suspect));
  const failed: { id: string; error: unknown }[] = [];
  const evicted: AgentDeath[] = [];
  const outcomes = await Promise.allSettled(plan.evict.map(acts.evict)); // together: they share commits
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome.status === "rejected") failed.push({ id: plan.evict[at]?.id ?? "", error: outcome.reason });
    else if (outcome.value !== undefined) evicted.push(outcome.value);
  }
  const settled: AgentDeath[] = [];
  for (const { id, generation } of plan.settle) {
    try {
      const death = await acts.settle(id, generation);
      if (death !== undefined) settled.push(death);
    } catch (error) {
      failed.push({ id, error });
    }
  }
  return { suspected: plan.suspect.filter((_, at) => isNew[at]), evicted, settled, failed };
}
