// FlowForge's tasks
export { FlowForgeTasks, openTasks } from "./flowforge/tasks.ts";
export type {
  ChangeTaskOptions,
  OpenTasksOptions,
  TaskDeathEffect,
  TaskReceipt,
} from "./flowforge/options.ts";
export type { DraftedClaim, TaskDraft } from "./flowforge/task-draft.ts";
export type { Edited, TaskChanges, TaskConditions } from "./flowforge/edit-task.ts";
export type { TaskClaims } from "./flowforge/task-claims.ts";
export type { TaskFilter, TaskStatistics } from "./flowforge/queries.ts";
export { isSettled, normalizeStatus } from "./flowforge/status.ts";
export { taskFile, taskFileName } from "./flowforge/task-file.ts";
export type {
  FlowForgeTask,
  FlowForgeTaskFile,
  Microtask,
  MicrotaskEntry,
  Milestone,
  TaskBilling,
  TaskFields,
  TaskId,
  TaskPriority,
  TaskStatus,
  TaskUpdate,
} from "./flowforge/task.ts";

// Claims, the same over all three stores
export type {
  Claim,
  ClaimProof,
  ClaimRecord,
  ClaimRefusal,
  ClaimRequest,
  Claims,
  Eviction,
} from "./claims/claims.ts";
export { keepSweeping, type KeepSweepingOptions } from "./claims/keep-sweeping.ts";

export * from "./errors.ts";

// Tasks of other tools, and back
export type { Imported, Loss } from "./exchange/exchange.ts";
export { fromTaskMaster, toTaskMaster, type TaskMasterFile } from "./exchange/task-master.ts";
export { fromBeads, toBeads } from "./exchange/beads.ts";
export { fromBacklog, toBacklog, type BacklogFile } from "./exchange/backlog.ts";
