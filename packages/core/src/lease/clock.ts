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
   * on that clock, and no jump of the wall clock matters. Without a name no other process can compare it, and the wall clock
   * judges.
   */
  readonly name?: string | undefined;
}

/** One reading of a {@link Clock}. */
export interface Instant {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  /** Only of a clock that has a name. */
  readonly monotonic?: MonotonicTime | undefined;
}

/** A point on a monotonic clock. */
export interface MonotonicTime {
  /** The clock's name. */
  readonly clock: string;
  readonly ms: number;
}

let machineName: string | undefined;

/** The machine's clocks. On Linux the monotonic one has a name: all processes since the last boot share it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  get name(): string | undefined {
    return (machineName ??= nameOfMachineClock());
  },
};

/** Reads a clock. */
export function instantOf(clock: Clock = systemClock): Instant {
  const { name } = clock;
  if (name === undefined) return { wallMs: clock.now() };
  return { wallMs: clock.now(), monotonic: { clock: name, ms: clock.monotonic() } };
}

/** Milliseconds since 1970, or a reading of a clock: what a function that is given the time accepts. */
export function toInstant(now: number | Instant): Instant {
  const instant = typeof now === "number" ? { wallMs: now } : now;
  if (typeof instant?.wallMs !== "number" || Number.isNaN(new Date(instant.wallMs).getTime()))
    throw new RangeError("now must be milliseconds since 1970, or what instantOf() returns");
  return instant;
}

/** A time namespace shifts the monotonic clock: processes of two of them must not compare it. */
function nameOfMachineClock(): string | undefined {
  const boot = bootId();
  return boot === undefined ? undefined : `boot ${boot} ${timeNamespace() ?? ""}`.trimEnd();
}
