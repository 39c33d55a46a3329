// Errors and options
export * from "./errors.ts";
export type { Durability, Receipt, WaitOptions } from "./options.ts";
export * from "./lock/lock-errors.ts";

// Locks
export { acquireLock, acquireLockSync, tryAcquireLock } from "./lock/acquire-lock.ts";
export { withReadLock, withReadLockSync, withWriteLock, withWriteLockSync } from "./lock/with-lock.ts";
export { lockAll, type LockAllItem } from "./lock/lock-all.ts";
export type { FileLock } from "./lock/file-lock.ts";
export type { LockMode } from "./lock/lock-mode.ts";
export type { BackendName, LockOptions } from "./lock/lock-options.ts";

// Where locks live
export * from "./lock/lock-layout.ts";
export { beads } from "./lock/beads-layout.ts";
export { resolveTarget } from "./lock/resolve-target.ts";

// Seeing and tending locks
export { inspectLock, listLocks, type LockInspection } from "./lock/inspect-lock.ts";
export type { LockHolder } from "./lock/lock-holder.ts";
export { cleanStaleLocks, type CleanedLocks } from "./lock/clean-stale-locks.ts";
export { pinLockDirectory, unpinLockDirectory, type PinnedLockDirectory } from "./lock/pin-lock-directory.ts";
export { configureLocks, type LockSettings } from "./lock/lock-settings.ts";
export { closeIdleLocks } from "./lock/descriptor-cache.ts";
export {
  getLockMetrics,
  lockMetrics,
  onLockContention,
  onLongHold,
  resetLockMetrics,
  type DurationMetrics,
  type LockMetrics,
  type SeedLockMetrics,
  type SlowLockEvent,
} from "./lock/lock-metrics.ts";
export { bindingInUse } from "@flockwork/flock";
