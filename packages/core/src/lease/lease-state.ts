import { toInstant, type Instant } from "./clock.ts";
import { compareFencingTokens } from "./fencing-token.ts";
import { leaseLost, StaleFencingTokenError } from "./lease-errors.ts";
import type { LeaseRecord } from "./lease-record.ts";

/**
 * `held`: its holder's alone. `grace`: over, but for a while only its holder may renew it or be granted it anew.
 * `expired`, `released`: anybody's.
 */
export type LeaseState = "held" | "grace" | "expired" | "released";

/** What a judge knows beyond the record. */
export interface Observation {
  /**
   * Milliseconds, on the judge's monotonic clock, for which it has seen this very record, not renewed. A lease that was not
   * renewed for as long as it lasts is over, whatever the wall clock says. Default 0.
   */
  readonly unchangedForMs?: number | undefined;
}

/** Stands for the name of a lease in messages, where none is given. */
export const unnamed = "(unnamed)";

/** What a lease is worth now. Pure: it looks at nothing but its arguments. */
export function leaseState(
  record: LeaseRecord,
  now: number | Instant,
  observation: Observation = {},
): LeaseState {
  if (record.releasedAt !== undefined) return "released";
  const late = msSinceExpiry(record, toInstant(now), observation);
  return late < 0 ? "held" : late < record.graceMs ? "grace" : "expired";
}

/** Milliseconds until anybody may take the lease over, if nobody renews it; 0 when that is now. */
export function msUntilFree(
  record: LeaseRecord,
  now: number | Instant,
  observation: Observation = {},
): number {
  if (record.releasedAt !== undefined) return 0;
  return Math.max(0, record.graceMs - msSinceExpiry(record, toInstant(now), observation));
}

/**
 * Checks that a token is that of the latest grant, and that the grant was not given back. It does not look at the time:
 * a lease that nobody has taken over is still its holder's to finish work under.
 *
 * @param name - Names the lease in messages.
 * @throws {StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`: it was granted to somebody else since.
 * @throws {LeaseLostError} `ERR_LEASE_LOST`: it was released; or there is no record, or only one from before this grant.
 */
export function checkLease(
  record: LeaseRecord | undefined,
  token: string,
  name: string = unnamed,
): asserts record is LeaseRecord {
  if (record === undefined) throw leaseLost(name, 0, "its record is gone");
  const order = compareFencingTokens(token, record.token);
  if (order < 0) throw new StaleFencingTokenError(name, token, record.token);
  const heldForMs = Date.parse(record.releasedAt ?? record.renewedAt) - Date.parse(record.acquiredAt);
  if (order > 0)
    throw leaseLost(name, 0, `its record is older than the grant: it holds the token ${record.token}`);
  if (record.releasedAt !== undefined)
    throw leaseLost(name, heldForMs, `it was released at ${record.releasedAt}`);
}

function msSinceExpiry(record: LeaseRecord, now: Instant, { unchangedForMs = 0 }: Observation): number {
  const { monotonic: stamp } = record;
  const comparable = stamp !== undefined && stamp.clock === now.monotonic?.clock;
  const byClock = comparable
    ? now.monotonic.ms - stamp.expiresAtMs
    : now.wallMs - Date.parse(record.expiresAt);
  return Math.max(byClock, unchangedForMs - record.leaseMs);
}
