/**
 * Checks of what concurrent clients saw: linearizability against a model, logs, queues, and transactions. It imports
 * nothing but itself, so that it can be a package of its own.
 */
export { checkHistory, type History, type Operation } from "./history.ts";
export { anyMark, type Model } from "./model.ts";
export { judge, type JudgeOptions, type Judgement, type Part, type Verdict } from "./linearize.ts";
export { explain, type CounterExample } from "./explain.ts";
export { shrink } from "./shrink.ts";
export { timelineHtml, type TimelineOptions } from "./timeline.ts";

// Models
export {
  casRegister,
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
} from "./models/cas-register.ts";
export { documentModel, type DocumentInput, type DocumentOutput } from "./models/document.ts";
export { mutex, type MutexInput, type MutexOutput } from "./models/mutex.ts";

// Checks without a search
export { tellFindings, type Finding } from "./finding.ts";
export { checkLog, type LogHistory, type LogInput, type LogOutput } from "./log-check.ts";
export { checkQueue, type QueueHistory, type QueueInput, type QueueOutput } from "./queue-check.ts";
export {
  checkTransactions,
  type Step,
  type TransactionHistory,
  type TransactionOutput,
} from "./transaction-check.ts";

// To check the checkers with
export { isLinearizableByDefinition } from "./brute-force.ts";
export { agreements, type Agreement } from "./trials/agreement.ts";
export { trials, type TrialOutcome } from "./trials/trials.ts";
export type { Chance } from "./trials/chance.ts";
export type { RegisterHistory } from "./trials/register-trials.ts";
