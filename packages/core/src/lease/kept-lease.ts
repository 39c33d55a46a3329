import type { Clock } from "./clock.ts";
import type { Fence } from "./fence.ts";
import type { LeaseRecord } from "./lease-record.ts";

/** How a lease is kept. */
export interface RenewingOptions {
  /** Names the lease, in its fence and in messages. Default `"lease"`. */
  readonly name?: string | undefined;
  /** Ends the renewing, and with it the lease as far as this process is concerned: its signal aborts for the same reason. */
  readonly signal?: AbortSignal | undefined;
  /** The clock the record was granted by. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** A lease that this process holds and keeps renewing. */
export interface KeptLease {
  readonly name: string;
  /** The record, as it was when it was last renewed. */
  readonly record: LeaseRecord;
  /** Goes with each write made under the lease. */
  readonly fence: Fence;
  /** Aborts when the lease is lost: not later than the deadline by the monotonic clock, or as soon as the process runs again. */
  readonly signal: AbortSignal;
  /** Whether the lease is still ours, by this process's clock. */
  readonly held: boolean;
  /**
   * Call it right before each act that needs the lease. It looks at the clock itself: after a pause it tells the truth, and
   * aborts the signal, before any timer has run.
   * @throws {LeaseLostError} `ERR_LEASE_LOST`, or {@link StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`: stop.
   */
  assertHeld(): void;
  /** Renews at once, beside the renewals that come by themselves. Throws as `assertHeld`, or what the renewal threw. */
  renew(): Promise<void>;
  /** Ends the renewing. The record is left as it is: it ends by itself, or is released by the caller. Idempotent. */
  stop(): void;
}
