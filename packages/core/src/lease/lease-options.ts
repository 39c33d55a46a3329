import type { WaitOptions } from "../options.ts";
import type { Clock } from "./clock.ts";
import type { LeaseRecord } from "./lease-record.ts";
import type { LeaseState } from "./lease-state.ts";

/** What every lease of a `leases()` has in common. */
export interface LeasesOptions {
  /** The document of the store that holds the leases. Default `"leases.json"`. */
  readonly document?: string | undefined;
  /** Who asks. Default: host, pid and a random part, so that no two processes share it. */
  readonly holder?: string | undefined;
  /** Milliseconds a grant and each renewal lasts. Default 30 000. */
  readonly leaseMs?: number | undefined;
  /** Milliseconds after the end in which only the holder may have it again. Default: a tenth of `leaseMs`. */
  readonly graceMs?: number | undefined;
  /** Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
}

/** How one lease is asked for: it comes before the common options. */
export type LeaseGrantOptions = Pick<LeasesOptions, "holder" | "leaseMs" | "graceMs">;

/** How one lease is waited for. `timeoutMs` and `signal` bound the wait, not the lease. */
export interface AcquireLeaseOptions extends LeaseGrantOptions, WaitOptions {}

/** A lease as others see it. */
export interface LeaseInspection extends LeaseRecord {
  readonly name: string;
  readonly state: LeaseState;
}
