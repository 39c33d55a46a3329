import type { Clock, Drafts, Fence, StoreMembers } from "@flockwork/core";
import { ClaimLease } from "./claim-lease.ts";
import { describeFailure } from "./describe-failure.ts";
import type { ClaimProof, Failure } from "./decide/settle-claim.ts";
import type { Job } from "./job.ts";
import { checkDelay } from "./queue-options.ts";

/** What an attempt that failed asks for, where the job's own backoff is not to decide. */
export interface FailOptions {
  /** Try again after so many milliseconds. */
  readonly delayMs?: number | undefined;
  /** Give the job up at once: another attempt would fail as well. Default false. */
  readonly unrecoverable?: boolean | undefined;
}

/** What a queue does for its claims. */
export interface ClaimCalls {
  readonly clock: Clock;
  extend(claim: ClaimProof, leaseMs: number): Promise<void>;
  complete(claim: ClaimProof, result: unknown): Promise<void>;
  completeWith(
    claim: ClaimProof,
    members: StoreMembers,
    work: (drafts: Readonly<Record<string, unknown>>) => unknown,
  ): Promise<unknown>;
  fail(claim: ClaimProof, failure: Failure): Promise<void>;
  release(claim: ClaimProof, delayMs: number): Promise<void>;
  progress(claim: ClaimProof, value: unknown): Promise<void>;
  log(claim: ClaimProof, message: string): Promise<void>;
}

/**
 * A job in the hands of whoever claimed it, until the lease ends. Every call shows the claim's fencing token: when the job was
 * claimed by somebody else meanwhile, finished or cancelled, it throws {@link StaleClaimError}, and nothing is written.
 */
export class Claim<Payload = unknown, Result = unknown> {
  /** The job as it was claimed. */
  readonly job: Job<Payload, Result>;
  /** Higher than that of every claim before, of any job of the queue. */
  readonly token: string;
  readonly #calls: ClaimCalls;
  readonly #lease: ClaimLease;
  #leaseMs: number;

  /** Claims are made by `queue.claim` and by workers. */
  constructor(
    job: Job<Payload, Result>,
    calls: ClaimCalls,
    lease: { readonly leaseMs: number; readonly sentMs: number },
  ) {
    this.job = job;
    this.token = job.token ?? "";
    this.#calls = calls;
    this.#leaseMs = lease.leaseMs;
    this.#lease = new ClaimLease(job.id, this.token, { clock: calls.clock, ...lease });
  }

  get jobId(): string {
    return this.job.id;
  }

  /** For writes that are to be refused once a later claim has written: `document.update(recipe, { fence: claim.fence })`. */
  get fence(): Fence {
    return this.#lease;
  }

  /** Aborts when the lease ends without having been extended, by this process's own clock: stop the work. */
  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  /** Whether the lease lasts, by this process's own clock. */
  get held(): boolean {
    return this.#lease.held;
  }

  /** Extends the claim by itself from now on, each third of its time, until it is settled or lost. */
  renew(): void {
    this.#lease.keep(() => this.extend());
  }

  /** Lets the claim last so many milliseconds from now. Default: as long as it was claimed for. */
  async extend(leaseMs: number = this.#leaseMs): Promise<void> {
    const sentMs = this.#calls.clock.monotonic();
    await this.#told(this.#calls.extend(this, leaseMs));
    this.#leaseMs = leaseMs;
    this.#lease.extended(leaseMs, sentMs);
  }

  /** The job is done. `result` is a JSON value, kept as long as the job is. */
  complete(result?: Result): Promise<void> {
    return this.#settle(this.#calls.complete(this, result));
  }

  /**
   * Completes the job and changes other documents and logs of the same store in one commit: all of it happens, once, or none.
   *
   * @param work - Changes the drafts. What it returns is the job's result; what it throws leaves job and members as they were.
   * @throws {StaleClaimError} nothing was written. What `store.transact` throws.
   * @example
   * await claim.completeWith({ ledger }, (drafts) => void drafts.ledger.append({ paid: claim.job.payload.amount }));
   */
  completeWith<const M extends StoreMembers>(
    members: M,
    work: (drafts: Drafts<M>) => Result | Promise<Result>,
  ): Promise<Result> {
    const done = this.#calls.completeWith(this, members, (drafts) => work(drafts as Drafts<M>));
    return this.#settle(done as Promise<Result>);
  }

  /** The attempt failed: the job rests and comes again, or is given up when it has had all its attempts. */
  async fail(error: unknown, { delayMs, unrecoverable = false }: FailOptions = {}): Promise<void> {
    const retryAt =
      delayMs === undefined
        ? {}
        : { retryAt: new Date(this.#calls.clock.now() + checkDelay("delayMs", delayMs)).toISOString() };
    const dead = unrecoverable ? { dead: "unrecoverable" as const } : {};
    await this.#settle(this.#calls.fail(this, { error: describeFailure(error), ...retryAt, ...dead }));
  }

  /** Gives the job back, as if it had not been claimed. */
  async release({ delayMs = 0 }: { readonly delayMs?: number | undefined } = {}): Promise<void> {
    await this.#settle(this.#calls.release(this, checkDelay("delayMs", delayMs)));
  }

  /** Says how far the work has come: a JSON value, shown by `get` and in the events. */
  progress(value: unknown): Promise<void> {
    return this.#told(this.#calls.progress(this, value));
  }

  /** Adds a line to the job's history. */
  log(message: string): Promise<void> {
    return this.#told(this.#calls.log(this, message));
  }

  async #settle<R>(settling: Promise<R>): Promise<R> {
    const result = await this.#told(settling);
    this.#lease.settle();
    return result;
  }

  /** Whoever hears that the claim is over need not wait for the clock. */
  async #told<R>(call: Promise<R>): Promise<R> {
    try {
      return await call;
    } catch (error) {
      if ((error as { code?: unknown }).code === "ERR_STALE_FENCING_TOKEN") this.#lease.lose(error);
      throw error;
    }
  }
}
