// Errors and options
export * from "./errors.ts";
export type { Durability, Receipt, WaitOptions } from "./options.ts";
export * from "./lock/lock-errors.ts";

// Locks
export { acquireLock, acquireLockSync, tryAcquireLock, tryAcquireLockSync } from "./lock/acquire-lock.ts";
export { withReadLock, withReadLockSync, withWriteLock, withWriteLockSync } from "./lock/with-lock.ts";
export { lockAll, lockAllSync, type LockAllItem } from "./lock/lock-all.ts";
export type { FileLock } from "./lock/file-lock.ts";
export type { LockMode } from "./lock/lock-mode.ts";
export type { BackendName, LockOptions } from "./lock/lock-options.ts";

// Where locks live
export {
  flowforge,
  gastown,
  jit,
  sidecar,
  todo2,
  type DirectoryLegPlan,
  type FlockLegPlan,
  type JsonFileLegPlan,
  type LayoutName,
  type LegPlan,
  type LockLayout,
  type LockPlan,
} from "./lock/lock-layout.ts";
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
  type LockMetrics,
  type SeedLockMetrics,
  type SlowLockEvent,
} from "./lock/lock-metrics.ts";
export { metrics, type Metrics } from "./metrics.ts";
export type { DurationMetrics } from "./durations.ts";
export type {
  EventsByChannel,
  FenceRejectedEvent,
  LockAcquiredEvent,
  LockContendedEvent,
  LockFailedEvent,
  LockReleasedEvent,
  QuarantinedEvent,
  SyncEvent,
} from "./events.ts";
export { bindingInUse } from "@flockwork/flock";
export { networkFileSystemOf } from "./platform/file-system-type.ts";
export {
  identifyProcess,
  isProcessIdentity,
  judgeProcess,
  type ProcessIdentity,
  type ProcessVerdict,
} from "./platform/process-proof.ts";

// Atomic files
export { replaceFile, replaceFileSync, type ReplaceOptions } from "./atomic/replace-file.ts";
export {
  appendLines,
  appendLinesSync,
  type AppendOptions,
  type AppendReceipt,
} from "./atomic/append-lines.ts";
export type { Quarantined } from "./atomic/quarantine.ts";
export { listDirectory, type DirectoryEntry } from "./atomic/list-directory.ts";
export { sweepStagedFiles } from "./atomic/sweep-staged-files.ts";
export { closeAppendFiles } from "./atomic/append-registry.ts";

// JSON documents
export {
  jsonDocument,
  type ChangeOptions,
  type DocumentReceipt,
  type DocumentSnapshot,
  type JsonDocument,
  type Recipe,
} from "./document/json-document.ts";
export { absentRevision } from "./document/document-state.ts";
export type { WatchOptions } from "./document/watch-document.ts";
export type { IntegerMode } from "./document/text/json-source.ts";
export { readText, type ReadTextOptions } from "./document/read-text.ts";
export { editJson, type EditJsonOptions } from "./document/text/edit-json.ts";
export { updateJson, updateJsonSync, type UpdateJsonOptions } from "./document/update-json.ts";
export type { DocumentOptions } from "./document/document-options.ts";
export type { DeepReadonly } from "./document/deep-readonly.ts";

// JSONL logs
export { jsonlLog, type JsonlLog } from "./log/jsonl-log.ts";
export { appendJsonl, appendJsonlSync } from "./log/append-jsonl.ts";
export type { JsonlLogOptions, LogCallOptions } from "./log/log-options.ts";
export { RecordLine } from "./log/record-line.ts";
export type { LogEntry } from "./log/log-entry.ts";
export type { AdvanceOptions, LogAdvance, LogCursor, LogSink } from "./log/log-cursor.ts";
export type { FollowOptions } from "./log/follow-log.ts";
export type { LogProblems, OnCorrupt } from "./log/log-problems.ts";
export type { LogProblem } from "./log/parse-lines.ts";
export type { LogTransaction } from "./log/log-transaction.ts";
export type { RewriteReceipt } from "./log/rewrite-log.ts";
export type { Rewritten } from "./log/whole-log.ts";

// Stores: the port that domain packages are written against
export type { Store, StoreCapabilities } from "./store/store.ts";
export type { MemberSpec, StoreMember, StoreMembers } from "./store/store-member.ts";
export type {
  DocumentDraft,
  DocumentSpec,
  MergeRule,
  StoreChangeOptions,
  StoreDocument,
  StoreWatchOptions,
} from "./store/store-document.ts";
export type {
  LogChangeOptions,
  LogDraft,
  WholeLogDraft,
  LogReceipt,
  LogSpec,
  StoreEntry,
  StoreFollowOptions,
  StoreLog,
  StoreLogAdvance,
  StoreLogCursor,
  StoreLogSink,
  StoreRewritten,
} from "./store/store-log.ts";
export type {
  StoreLock,
  StoreLockHold,
  StoreLockInspection,
  StoreLockOptions,
  StoreLockSpec,
} from "./store/store-lock.ts";
export type {
  Drafts,
  MemberReceipts,
  Transact,
  TransactOptions,
  TransactReceipt,
} from "./store/store-transact.ts";

// Leases and fencing tokens
export { leases, type Leases } from "./lease/leases.ts";
export type { Lease } from "./lease/lease.ts";
export type {
  AcquireLeaseOptions,
  LeaseGrantOptions,
  LeaseInspection,
  LeasesOptions,
} from "./lease/lease-options.ts";
export { leasesContent, noLeases, type LeasesContent, type LeasesDocument } from "./lease/leases-document.ts";
export { grantLease, releaseLease, renewLease, type LeaseRequest } from "./lease/grant-lease.ts";
export {
  checkLease,
  leaseState,
  msUntilFree,
  type LeaseState,
  type Observation,
} from "./lease/lease-state.ts";
export { isLeaseRecord, leaseRecord, type LeaseRecord } from "./lease/lease-record.ts";
export { renewing } from "./lease/renewing.ts";
export type { KeptLease, RenewingOptions } from "./lease/kept-lease.ts";
export {
  compareFencingTokens,
  hasNextFencingToken,
  highestFencingToken,
  isFencingToken,
  nextFencingToken,
} from "./lease/fencing-token.ts";
export type { Fence } from "./lease/fence.ts";
export { StaleFencingTokenError } from "./lease/lease-errors.ts";
export { instantOf, systemClock, type Clock, type Instant, type MonotonicTime } from "./lease/clock.ts";
export { fileStore, type FileStoreOptions } from "./store/file-store.ts";
export { memoryStore, type MemoryStoreOptions } from "./store/memory-store.ts";
export { MemorySpace } from "./store/memory-space.ts";
export type { MemoryClock } from "./store/memory-lock.ts";
export { checkStoreName } from "./store/store-name.ts";
