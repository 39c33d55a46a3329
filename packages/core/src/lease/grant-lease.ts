/**
 * The life of a lease record: granted, renewed, released. Pure functions of a record and the time, to be used where the
 * record is read and written under one lock: in the recipe of a document, in the transaction of a log.
 */
import { checkDuration } from "../options.ts";
import { toInstant, type Instant } from "./clock.ts";
import { nextFencingToken } from "./fencing-token.ts";
import { leaseLost } from "./lease-errors.ts";
import type { LeaseRecord } from "./lease-record.ts";
import { checkLease, leaseState, unnamed, type Observation } from "./lease-state.ts";

/** What a grant is asked for with. */
export interface LeaseRequest extends Observation {
  /** Names the holder. Two programs, or two runs of one, that must not both hold the lease need two names. */
  readonly holder: string;
  /** Milliseconds each grant and each renewal lasts. More than 0. */
  readonly leaseMs: number;
  /** Milliseconds after the end in which only the holder may have it again. Default: a tenth of `leaseMs`. */
  readonly graceMs?: number | undefined;
  /** Milliseconds since 1970, or `instantOf(clock)`, which keeps jumps of the wall clock from mattering. */
  readonly now: number | Instant;
  /** A token that the new one must exceed: the highest one that is known from elsewhere, after a compaction for instance. */
  readonly floor?: string | undefined;
  /** Names the lease in messages. */
  readonly name?: string | undefined;
}

/**
 * Grants a lease, where that is possible.
 *
 * @param previous - The record as it is; undefined where there is none.
 * @returns The new record, with a higher token; undefined when the lease is somebody's. In the grace of a lease only its
 * last holder is granted it.
 * @throws {UnsupportedError} `ERR_UNSUPPORTED`: there is no token above the last one, as {@link nextFencingToken}.
 */
export function grantLease(
  previous: LeaseRecord | undefined,
  request: LeaseRequest,
): LeaseRecord | undefined {
  const { holder, leaseMs, graceMs = leaseMs / 10, floor, name = unnamed } = request;
  checkGrant({ holder, leaseMs, graceMs });
  const now = toInstant(request.now);
  if (previous !== undefined) {
    const state = leaseState(previous, now, request);
    if (state === "held" || (state === "grace" && previous.holder !== holder)) return undefined;
  }
  const at = new Date(now.wallMs).toISOString();
  return {
    holder,
    token: nextFencingToken(previous?.token, now, floor, `the lease ${name}`),
    acquiredAt: at,
    renewedAt: at,
    leaseMs,
    graceMs,
    ...expiry(now, leaseMs),
  };
}

/**
 * Lets a lease last from now for as long as it lasts, a hundred years at most. Its token stays.
 *
 * @throws {StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`: somebody else was granted it since.
 * @throws {LeaseLostError} `ERR_LEASE_LOST`: its grace is over too, it was released, or its record is gone.
 */
export function renewLease(
  record: LeaseRecord | undefined,
  token: string,
  now: number | Instant,
  name: string = unnamed,
): LeaseRecord {
  checkLease(record, token, name);
  const instant = toInstant(now);
  if (leaseState(record, instant) === "expired") {
    const heldForMs = Date.parse(record.expiresAt) - Date.parse(record.acquiredAt);
    throw leaseLost(name, heldForMs, "it was not renewed in time, and its grace is over");
  }
  const { monotonic: _, ...kept } = record;
  // A record that somebody wrote may say more. It is still a lease, and whoever has it has it.
  const leaseMs = Math.min(record.leaseMs, longestLeaseMs);
  const renewedAt = new Date(instant.wallMs).toISOString();
  return { ...kept, leaseMs, renewedAt, ...expiry(instant, leaseMs) };
}

/**
 * Gives a lease back: anybody may have it at once. The record stays, with its token. Releasing twice changes nothing.
 *
 * @throws {StaleFencingTokenError | LeaseLostError} as {@link checkLease}: it was not the caller's any more.
 */
export function releaseLease(
  record: LeaseRecord | undefined,
  token: string,
  now: number | Instant,
  name: string = unnamed,
): LeaseRecord {
  if (record?.releasedAt !== undefined && record.token === token) return record;
  checkLease(record, token, name);
  return { ...record, releasedAt: new Date(toInstant(now).wallMs).toISOString() };
}

/** A hundred years: instants beyond some thousands cannot be written down. */
const longestLeaseMs = 100 * 365 * 24 * 60 * 60 * 1_000;

/** Checks what a grant is asked for with, where it enters. @throws {TypeError | RangeError} naming what is wrong. */
export function checkGrant({
  holder,
  leaseMs,
  graceMs,
}: Pick<LeaseRecord, "holder" | "leaseMs" | "graceMs">): void {
  if (typeof holder !== "string" || holder === "")
    throw new TypeError("holder must be a non-empty string: the name of whoever is to hold the lease");
  for (const [option, value] of Object.entries({ leaseMs, graceMs })) {
    if (checkDuration(option, value) > longestLeaseMs)
      throw new RangeError(`${option} must be at most ${longestLeaseMs} milliseconds, got ${value}`);
  }
  if (leaseMs === 0) throw new RangeError("leaseMs must be more than 0 milliseconds");
}

function expiry(now: Instant, leaseMs: number): Pick<LeaseRecord, "expiresAt" | "monotonic"> {
  const expiresAt = new Date(now.wallMs + leaseMs).toISOString();
  if (now.monotonic === undefined) return { expiresAt };
  return { expiresAt, monotonic: { clock: now.monotonic.clock, expiresAtMs: now.monotonic.ms + leaseMs } };
}
