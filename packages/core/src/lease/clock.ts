import { randomUUID } from "node:crypto";
import { bootId, timeNamespace } from "../platform/process-identity.ts";

/**
 * What tells the time to a lease. The wall clock is for people, and for judging leases of other boots; it may jump. The
 * monotonic clock decides wherever it can.
 */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number;
  /** Milliseconds that never go back and never jump. They may stand still while the machine sleeps. */
  monotonic(): number;
  /**
   * Names what `monotonic` counts from. Equal names mean comparable readings, in whichever process: expiry is then judged
   * on that clock, and no jump of the wall clock matters. Default: a name of this process alone.
   */
  readonly name?: string | undefined;
}

/** One reading of a {@link Clock}. */
export interface Instant {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  readonly monotonic?: MonotonicTime | undefined;
}

/** A point on a monotonic clock. */
export interface MonotonicTime {
  /** The clock's name. */
  readonly clock: string;
  readonly ms: number;
}

const processName: string = `process ${randomUUID()}`;
let machineName: string | undefined;

/** The machine's clocks. On Linux all processes since the last boot share the monotonic one. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  get name(): string {
    return (machineName ??= nameOfMachineClock());
  },
};

/** Reads a clock. */
export function instantOf(clock: Clock = systemClock): Instant {
  return { wallMs: clock.now(), monotonic: { clock: clock.name ?? processName, ms: clock.monotonic() } };
}

/** Milliseconds since 1970, or a reading of a clock: what a function that is given the time accepts. */
export function toInstant(now: number | Instant): Instant {
  const instant = typeof now === "number" ? { wallMs: now } : now;
  if (typeof instant?.wallMs !== "number" || Number.isNaN(new Date(instant.wallMs).getTime()))
    throw new RangeError("now must be milliseconds since 1970, or what instantOf() returns");
  return instant;
}

/** A time namespace shifts the monotonic clock: processes of two of them must not compare it. */
function nameOfMachineClock(): string {
  const boot = bootId();
  return boot === undefined ? processName : `boot ${boot} ${timeNamespace() ?? ""}`.trimEnd();
}
