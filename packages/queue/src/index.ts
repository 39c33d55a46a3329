// Queues
export { openQueue } from "./open-queue.ts";
export type { ClaimOptions, NewJob, Queue } from "./queue.ts";
export type { QueueOptions, Retention } from "./queue-options.ts";
export type { EnqueueOptions } from "./enqueue-options.ts";
export type { Dedupe, Enqueued } from "./decide/enqueue-job.ts";
export type { PauseScope } from "./decide/control-queue.ts";
export type { QueueLimits, RateLimit } from "./limits.ts";
export type { ScheduleDefinition } from "./schedule-definition.ts";

// Jobs and claims
export type { Job } from "./job.ts";
export type { JobState } from "./state/entry.ts";
export type { Claim, FailOptions } from "./claim.ts";
export type { Handler, StopOptions, Worker, WorkerOptions } from "./worker.ts";
export type { RunContext } from "./worker-run.ts";

// The plain format, and Gas Town's own queues
export type { PlainQueue, PlainQueueOptions } from "./plain-queue.ts";
export { convertQueue, type Converted } from "./convert-queue.ts";
export { openNudgeQueue, type NudgeQueue } from "./nudge-queue.ts";
export {
  NudgeQueueFullError,
  type ClaimedNudge,
  type NewNudge,
  type Nudge,
  type NudgeQueueOptions,
} from "./nudge.ts";
export {
  openMailQueues,
  type MailMessage,
  type MailQueueOptions,
  type MailQueues,
  type QueuedMail,
} from "./mail-queue.ts";

// Seeing
export type { QueueStats } from "./stats.ts";
export type { Explanation, Reason } from "./explain.ts";
export type { EnqueuedEvent, StreamedEvent, StreamOptions } from "./read-stream.ts";

// The files
export type { Backoff, JobLine, OnDependencyFailure, PayloadSchema } from "./job-line.ts";
export type { DeathReason, JobEvent, JobFailure, QueueEvent } from "./event.ts";
export type { PackedEvent, StoredEvent } from "./packed-event.ts";

// Errors
export * from "./errors.ts";
