import type { Durability, WaitOptions } from "../options.ts";
import type { FinishingLock } from "../intent/finish-intent.ts";
import type { Quarantined } from "./quarantine.ts";

/** What one job finds while the exclusive lock is held. */
export interface AppendHold {
  /** The lock, and the real file that is locked. */
  readonly lock: FinishingLock;
  /** The size of the file in bytes: whole lines only, those of earlier jobs of this hold included. */
  readonly size: number;
  /** How many lines it has: the position the next line gets. Counted when it is asked for. */
  readonly lines: number;
}

/** Bytes of whole lines, or the decision that makes them under the lock; undefined or no bytes appends nothing. */
export type AppendContent =
  | Uint8Array
  | ((hold: AppendHold) => Uint8Array | undefined | Promise<Uint8Array | undefined>);

/** What became of a job. */
export interface Appended {
  /** Where its first byte went; the size of the file when it appended nothing. */
  readonly offset: number;
  /** The offset just after its last byte. */
  readonly nextOffset: number;
  readonly changed: boolean;
  /** How many lines come before `offset`, where the job asked for it. */
  readonly lines: number | undefined;
  /** The last bytes before `nextOffset`: its own where it appended something. */
  readonly tail: Uint8Array;
  /** The torn tail that this hold of the lock found and moved aside. */
  readonly quarantined: Quarantined | undefined;
}

/** One caller's wish: lines that go in together or not at all, and how long they may wait for the lock. */
export interface AppendJob {
  readonly content: AppendContent;
  readonly durability: Durability;
  /** Tell how many lines come before its first one. */
  readonly countsLines?: boolean | undefined;
  readonly wait: WaitOptions & { readonly priority?: number | undefined };
}

/** A job in the queue of its file. Settled exactly once. */
export class QueuedJob {
  readonly job: AppendJob;
  readonly enqueuedAt: number;
  /** On the monotonic clock, in milliseconds. */
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to the caller's signal. */
  detach: () => void = () => {};

  constructor(
    job: AppendJob,
    timeoutMs: number,
    resolve: (appended: Appended) => void,
    reject: (error: unknown) => void,
  ) {
    this.job = job;
    this.timeoutMs = timeoutMs;
    this.enqueuedAt = performance.now();
    this.deadline = this.enqueuedAt + timeoutMs;
    this.resolve = resolve;
    this.reject = reject;
  }
}
