import type { DurationMetrics } from "./durations.ts";
import { ioCounters } from "./events.ts";
import { lockMetrics, type LockMetrics } from "./lock/lock-metrics.ts";

/** What this process did since it started. Asking costs the same however much that was. */
export interface Metrics {
  readonly lock: LockMetrics;
  /** fsync and fdatasync, failed ones included. */
  readonly sync: DurationMetrics;
  readonly failedSyncs: number;
  /** Damaged bytes that were moved aside. */
  readonly quarantinedFiles: number;
  readonly quarantinedBytes: number;
  /** Writes that were refused because they came under a stale lease. */
  readonly fenceRejections: number;
}

/** What the locks, the syncs, the recoveries and the fences of this process did so far. */
export function metrics(): Metrics {
  const { syncs, failedSyncs, quarantinedFiles, quarantinedBytes, fenceRejections } = ioCounters;
  return {
    lock: lockMetrics(),
    sync: syncs.snapshot(),
    failedSyncs,
    quarantinedFiles,
    quarantinedBytes,
    fenceRejections,
  };
}
