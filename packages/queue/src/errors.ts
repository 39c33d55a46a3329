import { StaleFencingTokenError, StoreError } from "@flockwork/core";
import type { JobState } from "./state/entry.ts";

/** No job of this id is in the queue: it never was, or it ended and was compacted away. Nothing was changed. */
export class JobNotFoundError extends StoreError {
  readonly code = "ERR_JOB_NOT_FOUND";
  readonly jobId: string;

  constructor(jobId: string, attempt: string) {
    super(
      `Cannot ${attempt} the job ${jobId}: it is not in the queue. Ended jobs are dropped after a while: see \`retention\`.`,
    );
    this.jobId = jobId;
  }
}

/** A job is in a state in which that cannot be done to it. Nothing was changed. */
export class JobStateError extends StoreError {
  readonly code = "ERR_JOB_STATE";
  readonly jobId: string;
  readonly state: JobState;

  constructor(jobId: string, state: JobState, attempt: string) {
    super(`Cannot ${attempt} the job ${jobId}: it is ${state}. Look with \`explain\`.`);
    this.jobId = jobId;
    this.state = state;
  }
}

/** A live job has the key already, or has had it within its window. Nothing was enqueued. */
export class DuplicateJobError extends StoreError {
  readonly code = "ERR_DUPLICATE_JOB";
  readonly key: string;
  /** The job that has the key. */
  readonly jobId: string;

  constructor(key: string, jobId: string, state: JobState) {
    super(
      `Cannot enqueue another job with the key ${JSON.stringify(key)}: ${jobId} has it and is ${state}. ` +
        "Enqueue it later, or give `dedupe` to replace one that has not begun.",
    );
    this.key = key;
    this.jobId = jobId;
  }
}

/** The queue is being drained: nothing may be enqueued until it is resumed. Nothing was enqueued. */
export class QueueDrainingError extends StoreError {
  readonly code = "ERR_QUEUE_DRAINING";

  constructor(directory: string) {
    super(`Cannot enqueue to ${directory}: it is being drained. Call resume() when it may fill again.`);
  }
}

/** The schema refuses a payload. Nothing was enqueued. */
export class PayloadInvalidError extends StoreError {
  readonly code = "ERR_PAYLOAD_INVALID";
  readonly issues: readonly { readonly message: string; readonly path: readonly (string | number)[] }[];

  constructor(issues: PayloadInvalidError["issues"]) {
    const [first] = issues;
    const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
    super(
      `The queue's schema refuses the payload${where}: ${first?.message ?? "no reason given"}. Mend it and enqueue it again.`,
    );
    this.issues = issues;
  }
}

/**
 * The claim is not the job's present one: its lease ran out and the job was taken from it, or it was finished or cancelled.
 * Nothing was written. What the handler did must not count: somebody else does it, or has done it.
 */
export class StaleClaimError extends StaleFencingTokenError {
  readonly jobId: string;

  constructor(jobId: string, presented: string, current: string, attempt: string, why: string) {
    super(`job ${jobId}`, presented, current, `${attempt} the job ${jobId}`);
    this.jobId = jobId;
    this.message =
      `Refusing to ${attempt} the job ${jobId}: the claim with the fencing token ${presented} is over, ${why}. ` +
      "Nothing was written. Drop the work, or make its effect idempotent: the job is no longer this claim's.";
  }
}

/** A handler ran longer than its job's `timeoutMs`. The attempt failed. */
export class JobTimeoutError extends StoreError {
  readonly code = "ERR_JOB_TIMEOUT";
  readonly jobId: string;
  readonly timeoutMs: number;

  constructor(jobId: string, timeoutMs: number) {
    super(
      `The job ${jobId} ran longer than its timeoutMs, ${timeoutMs}. The attempt failed; raise timeoutMs if it needs longer.`,
    );
    this.jobId = jobId;
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown by a handler: another attempt would fail as well, so the job becomes a dead letter at once. */
export class UnrecoverableJobError extends StoreError {
  readonly code = "ERR_JOB_UNRECOVERABLE";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
