/** One job. `Payload` is the caller's own. */
export interface Job<Payload = unknown> {
  /** Random; never used twice. */
  readonly id: string;
  readonly payload: Payload;
  readonly enqueuedAt: string;
  /** Lower runs first. Default 0. */
  readonly priority: number;
  /** Not to be claimed before. Default: at once. */
  readonly runAt?: string | undefined;
  /** Two live jobs never share one. */
  readonly dedupeKey?: string | undefined;
  /** Claims so far. Counted when claimed, so that a job that kills its worker reaches the dead letters. */
  readonly attempts: number;
  /** Claims after which the job becomes a dead letter. */
  readonly maxAttempts: number;
  readonly lastError?: string | undefined;
}

/** Where a job is in its life. */
export type JobState = "waiting" | "delayed" | "claimed" | "completed" | "dead";

/** A job in the hands of one worker, for a while. */
export interface Claim<Payload = unknown> {
  readonly job: Job<Payload>;
  readonly lease: Lease;
}

/** The right to finish a job. */
export interface Lease {
  readonly holder: string;
  /** Grows with every claim of the queue. Finishing with an older one is refused with `ERR_STALE_FENCING_TOKEN`. */
  readonly fencingToken: number;
  readonly claimedAt: string;
  /** Milliseconds until others may claim the job, unless it is renewed. */
  readonly leaseMs: number;
  /** Aborts no later than the lease ends, counted from before it was asked for. */
  readonly signal: AbortSignal;
}

/** A job that was given up on. */
export interface DeadLetter<Payload = unknown> {
  readonly job: Job<Payload>;
  readonly diedAt: string;
  readonly firstClaimedAt: string;
  readonly reason: string;
}
