import type { Instant, LeaseRecord } from "@flockwork/core";
import { longestClaimMs } from "./claims.ts";

/** The lease that a claim is, for its holder: what the store's own format says of it is shorter. */
export function leaseFrom(claim: {
  readonly holder: string;
  readonly token: string;
  readonly leaseMs: number;
  readonly now: Instant;
  readonly acquiredAt?: string | undefined;
}): LeaseRecord {
  const { holder, token, now } = claim;
  const leaseMs = Math.min(claim.leaseMs, longestClaimMs);
  const renewedAt = new Date(now.wallMs).toISOString();
  const { monotonic } = now;
  return {
    holder,
    token,
    acquiredAt: claim.acquiredAt ?? renewedAt,
    renewedAt,
    expiresAt: new Date(now.wallMs + leaseMs).toISOString(),
    leaseMs,
    graceMs: 0,
    ...(monotonic && { monotonic: { clock: monotonic.clock, expiresAtMs: monotonic.ms + leaseMs } }),
  };
}
