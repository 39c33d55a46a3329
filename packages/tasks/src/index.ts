export type { FlowForgeTask, FlowForgeTaskFile, FlowForgeTaskStatus, TaskBilling } from "./flowforge-task.ts";
export type { JitGateStatus, JitIssue, JitLease } from "./jit-issue.ts";
export type { ClaimRefusal, TaskClaim, Todo2Status, Todo2Task } from "./todo2-task.ts";
