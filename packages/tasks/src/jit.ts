// Issues of a jit repository
export { JitRepository, openJit } from "./jit/repository.ts";
export type {
  ChangeIssueOptions,
  CheckGateOptions,
  IssueReceipt,
  MoveIssueOptions,
  OpenJitOptions,
} from "./jit/options.ts";
export { EventNotWrittenError } from "./jit/event-not-written.ts";
export type { JitGates } from "./jit/gates.ts";
export type { CheckReceipt } from "./jit/gate-checks.ts";
export type { JitChecker } from "./jit/checker.ts";
export type { JitGateRun, JitGateRunStatus, NewJitGateRun } from "./jit/gate-run.ts";
export {
  isSettledIssue,
  type JitChanges,
  type JitDocument,
  type JitEvent,
  type JitFields,
  type JitFilter,
  type JitGate,
  type JitGateStatus,
  type JitIssue,
  type JitPriority,
  type JitState,
  type NewJitIssue,
} from "./jit/issue.ts";

// Their claims
export type { JitClaims } from "./jit/jit-claims.ts";
export type { JitClaimEntry, JitLease } from "./jit/claim-log.ts";
export type { JitDeathEffect } from "./jit/claims-file.ts";
export type { JitLockMeta } from "./jit/claims-meta.ts";

// Whether agents are alive
export type { JitHeartbeat } from "./jit/heartbeat-file.ts";
export type { JitHeartbeatRecord, JitHeartbeats, KeptHeartbeat } from "./jit/heartbeats.ts";
