import { LeaseLostError, StaleFencingTokenError, type Clock, type Fence } from "@flockwork/core";

/** The share of a lease that its holder does not use, so that a timer that is a little late is still in time. */
const marginShare = 0.01;
const renewalsPerLease = 3;
const triesPerLease = 12;
const longestTimerMs = 2 ** 31 - 1;

/**
 * How long a claim lasts, told by its holder's own monotonic clock and counted from before it was asked for: nobody can have
 * the job before this says that it is over. Its timers do not keep the process alive.
 */
export class ClaimLease implements Fence {
  /** What the token belongs to, for documents that refuse stale ones: each job has its own. */
  readonly name: string;
  readonly token: string;
  readonly #clock: Clock;
  readonly #claimedMs: number;
  #leaseMs: number;
  #deadlineMs: number;
  #nextTryMs = Infinity;
  #renew: (() => Promise<unknown>) | undefined;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Set when it is over, whichever way. */
  #over: { readonly reason?: unknown } | undefined;

  constructor(
    jobId: string,
    token: string,
    lease: { readonly clock: Clock; readonly leaseMs: number; readonly sentMs: number },
  ) {
    this.name = `job ${jobId}`;
    this.token = token;
    this.#clock = lease.clock;
    this.#leaseMs = lease.leaseMs;
    this.#claimedMs = lease.sentMs;
    this.#deadlineMs = lease.sentMs + lease.leaseMs * (1 - marginShare);
  }

  get held(): boolean {
    this.#look();
    return this.#over === undefined;
  }

  /** Aborts when the lease is lost, never when it is settled. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#over !== undefined && "reason" in this.#over) this.#controller.abort(this.#over.reason);
      this.#arm();
    }
    this.#look();
    return this.#controller.signal;
  }

  /** Call it right before each act that needs the claim. @throws {LeaseLostError | StaleFencingTokenError} it is lost: stop. */
  assertHeld(): void {
    this.#look();
    if (this.#over !== undefined) throw this.#over.reason ?? this.#lost("it was settled");
  }

  /** It was extended: it lasts from when that was asked for. */
  extended(leaseMs: number, sentMs: number): void {
    this.#leaseMs = leaseMs;
    this.#deadlineMs = sentMs + leaseMs * (1 - marginShare);
    if (this.#renew !== undefined) this.#nextTryMs = sentMs + leaseMs / renewalsPerLease;
    this.#arm();
  }

  /** From now on it renews itself. @param renew - Extends the claim, and calls {@link extended}. */
  keep(renew: () => Promise<unknown>): void {
    this.#renew = renew;
    this.#nextTryMs = Math.min(this.#nextTryMs, this.#claimedMs + this.#leaseMs / renewalsPerLease);
    this.#arm();
  }

  /** The claim was settled: nothing is to be renewed, or to be lost. */
  settle(): void {
    this.#over ??= {};
    clearTimeout(this.#timer);
  }

  /** The claim is known to be lost. */
  lose(reason: unknown): void {
    if (this.#over !== undefined) return;
    this.#over = { reason };
    clearTimeout(this.#timer);
    this.#controller?.abort(reason);
  }

  /** Whoever looks finds out, whether or not a timer has run. */
  #look(): void {
    if (this.#over === undefined && this.#clock.monotonic() >= this.#deadlineMs)
      this.lose(this.#lost("it was not extended in time"));
  }

  #lost(why: string): LeaseLostError {
    return new LeaseLostError(
      this.name,
      this.#clock.monotonic() - this.#claimedMs,
      why,
      undefined,
      `The claim of ${this.name}`,
    );
  }

  #arm(): void {
    if (this.#over !== undefined || (this.#controller === undefined && this.#renew === undefined)) return;
    clearTimeout(this.#timer);
    const delayMs = Math.min(this.#nextTryMs, this.#deadlineMs) - this.#clock.monotonic();
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(1, delayMs), longestTimerMs)).unref();
  }

  #wake(): void {
    this.#look();
    if (this.#over !== undefined) return;
    if (this.#renew !== undefined && this.#clock.monotonic() >= this.#nextTryMs) {
      this.#nextTryMs = this.#clock.monotonic() + this.#leaseMs / triesPerLease;
      this.#renew().catch((error: unknown) => {
        if (error instanceof StaleFencingTokenError) this.lose(error); // else it is tried again until the deadline
      });
    }
    this.#arm();
  }
}
