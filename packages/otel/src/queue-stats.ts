/** What a queue of `@flockwork/queue` says of itself; anything that answers alike will do. */
export interface CountedQueue {
  stats(): Promise<QueueNumbers>;
}

/** The part of a queue's `stats()` that is shown. */
export interface QueueNumbers {
  readonly waiting: number;
  readonly delayed: number;
  readonly blocked: number;
  readonly claimed: number;
  readonly dead: number;
  /** Milliseconds. */
  readonly oldestWaitingMs: number;
}
