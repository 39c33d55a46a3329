import type { JobState } from "./state/entry.ts";
import type { QueueState } from "./state/queue-state.ts";
import type { QueueLimits } from "./limits.ts";

/** What a queue holds. */
export interface QueueStats extends Readonly<Record<JobState, number>> {
  /** Milliseconds for which the job that is claimed next has been waiting; 0 when none waits. */
  readonly oldestWaitingMs: number;
  readonly paused: boolean;
  readonly draining: boolean;
  readonly limits: QueueLimits;
  readonly schedules: readonly string[];
  /** Lines that are JSON but no job and no event of ours. They are passed over and kept. */
  readonly foreignLines: number;
}

export function statsOf(state: QueueState): QueueStats {
  const waitingSinceMs = state.ready.oldestMs();
  return {
    ...state.counts,
    oldestWaitingMs: waitingSinceMs === undefined ? 0 : Math.max(0, state.nowMs - waitingSinceMs),
    paused: state.paused,
    draining: state.draining,
    limits: state.limits,
    schedules: [...state.schedules.keys()],
    foreignLines: state.foreign,
  };
}
