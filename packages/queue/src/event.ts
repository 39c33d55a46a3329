import type { ProcessIdentity } from "@flockwork/core";
import type { QueueLimits } from "./limits.ts";
import type { ScheduleDefinition } from "./schedule-definition.ts";

/** What is kept of an error. */
export interface JobFailure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** Why a job was given up. */
export type DeathReason = "attempts" | "crashes" | "unrecoverable" | "invalid payload";

interface Base<Type extends string> {
  readonly type: Type;
  /** ISO 8601, by the clock of whoever wrote it. */
  readonly at: string;
}

interface OfJob<Type extends string> extends Base<Type> {
  readonly job: string;
}

/** An event that only the holder of the job's latest claim can cause. */
interface OfClaim<Type extends string> extends OfJob<Type> {
  /** The fencing token of the claim. */
  readonly token: string;
}

/** How long a claim lasts: from `at`, and from `up` on the monotonic clock that its holder's `joined` event names. */
interface Lasting {
  readonly leaseMs: number;
  /** Milliseconds. */
  readonly up: number;
}

/** What happens next to a job whose attempt ended badly: another at `retryAt`, or at once; or it is `dead`. */
interface AfterAttempt {
  readonly retryAt?: string | undefined;
  readonly dead?: DeathReason | undefined;
}

export interface Claimed extends OfClaim<"claimed">, Lasting {
  /** The holder. */
  readonly by: string;
}
export interface Extended extends OfClaim<"extended">, Lasting {}
export interface Completed extends OfClaim<"completed"> {
  readonly result?: unknown;
}
/** The handler threw, or its time was up. */
export interface Failed extends OfClaim<"failed">, AfterAttempt {
  readonly error: JobFailure;
}
/** Its holder was not heard of for the length of its lease: it crashed, or hangs. */
export interface Expired extends OfClaim<"expired">, AfterAttempt {}
/** Its holder gave it back: the attempt does not count. */
export interface Released extends OfClaim<"released"> {
  readonly retryAt?: string | undefined;
}
export interface Progressed extends OfClaim<"progressed"> {
  readonly progress: unknown;
}
export interface Logged extends OfClaim<"logged"> {
  readonly message: string;
}
export interface Cancelled extends OfJob<"cancelled"> {
  readonly reason?: string | undefined;
}
/** A dead or cancelled job gets a new life: its attempts start at 0. */
export interface Redriven extends OfJob<"redriven"> {
  readonly runAt?: string | undefined;
}

/** A queue object that is about to claim for the first time: what its monotonic clock counts from. */
export interface Joined extends Base<"joined"> {
  readonly by: string;
  /** So that others can prove its death. */
  readonly process: ProcessIdentity;
  readonly clock: string;
}
/** Claims of the whole queue, of one limit key or of one group are suspended. */
export interface Paused extends Base<"paused"> {
  readonly limitKey?: string | undefined;
  readonly group?: string | undefined;
}
export interface Resumed extends Base<"resumed"> {
  readonly limitKey?: string | undefined;
  readonly group?: string | undefined;
}
/** Nothing may be enqueued until the queue is resumed. */
export interface Draining extends Base<"draining"> {}
export interface Limited extends Base<"limited"> {
  readonly limits: QueueLimits;
}
export interface Scheduled extends Base<"scheduled"> {
  readonly schedule: ScheduleDefinition;
}
export interface Unscheduled extends Base<"unscheduled"> {
  readonly name: string;
}
/** First line of a compacted log: what the dropped events would still have told. */
export interface Compacted extends Base<"compacted"> {
  /** Tells one compaction from the next: positions before it mean nothing after it. */
  readonly id?: string | undefined;
  /** The highest token ever granted. */
  readonly token?: string | undefined;
}

/** Events of one job. */
export type JobEvent =
  | Claimed
  | Extended
  | Completed
  | Failed
  | Expired
  | Released
  | Progressed
  | Logged
  | Cancelled
  | Redriven;

/** One line of `events.jsonl`. The jobs of `tasks.jsonl` and these add up to the state of the queue. */
export type QueueEvent =
  | JobEvent
  | Joined
  | Paused
  | Resumed
  | Draining
  | Limited
  | Scheduled
  | Unscheduled
  | Compacted;
