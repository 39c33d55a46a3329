import { LeaseLostError } from "../lock/lock-errors.ts";
import { checkFunction, checkOptions, checkSignal, longestTimerMs } from "../options.ts";
import { systemClock, type Clock } from "./clock.ts";
import { HeldFence, type Fence } from "./fence.ts";
import type { KeptLease, RenewingOptions } from "./kept-lease.ts";
import { leaseLost, StaleFencingTokenError } from "./lease-errors.ts";
import type { LeaseRecord } from "./lease-record.ts";

/**
 * Keeps a lease: renews it each third of its time, and aborts `signal` when it is lost.
 *
 * The deadline is counted on the monotonic clock from before each renewal was sent, and lies a hundredth of the lease before
 * the expiry that others see. A renewal that fails is tried again until then. What is lost stays lost, even when a late
 * renewal succeeds. The timers do not keep the process alive: one that has nothing else to do ends, and the lease after it.
 *
 * @param record - As it was granted: by `grantLease` with `now: instantOf(clock)`, read before the grant was written.
 * @param renew - Renews the stored record with `renewLease` and resolves to it once that is written. It is given a signal that
 * aborts when it need not be finished any more.
 */
export function renewing(
  record: LeaseRecord,
  renew: (signal: AbortSignal) => Promise<LeaseRecord>,
  options: RenewingOptions = {},
): KeptLease {
  checkFunction("renew", renew);
  checkOptions(options);
  checkSignal(options.signal);
  return new RenewedLease(record, renew, options);
}

/** The share of a lease that a holder does not use, so that a timer that is a little late is still in time. */
const marginShare = 0.01;
const renewalsPerLease = 3;
const triesPerLease = 12;

class RenewedLease implements KeptLease {
  readonly name: string;
  readonly fence: Fence;
  #record: LeaseRecord;
  readonly #renew: (signal: AbortSignal) => Promise<LeaseRecord>;
  readonly #clock: Clock;
  readonly #outer: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #onOuterAbort = (): void => this.#end(this.#outer?.reason);
  readonly #acquiredMs: number;
  /** On the monotonic clock. */
  #deadlineMs: number;
  #nextTryMs: number;
  #renewal: Promise<void> | undefined;
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    record: LeaseRecord,
    renew: (signal: AbortSignal) => Promise<LeaseRecord>,
    options: RenewingOptions,
  ) {
    const { name = "lease", clock = systemClock, signal } = options;
    this.name = name;
    this.fence = new HeldFence(name, record.token, {
      assertHeld: () => this.assertHeld(),
      lose: (reason) => this.#end(reason),
    });
    this.#record = record;
    this.#renew = renew;
    this.#clock = clock;
    this.#outer = signal;
    this.#acquiredMs = clock.monotonic();
    const sentMs = sentAt(record, clock);
    this.#deadlineMs = sentMs + record.leaseMs * (1 - marginShare);
    this.#nextTryMs = sentMs + record.leaseMs / renewalsPerLease;
    signal?.addEventListener("abort", this.#onOuterAbort, { once: true });
    if (signal?.aborted === true) this.#end(signal.reason);
    this.#arm();
  }

  get record(): LeaseRecord {
    return this.#record;
  }

  get signal(): AbortSignal {
    this.#look();
    return this.#controller.signal;
  }

  get held(): boolean {
    this.#look();
    return !this.#stopped;
  }

  assertHeld(): void {
    this.#look();
    this.#controller.signal.throwIfAborted();
    if (this.#stopped) throw this.#lost("it was released");
  }

  async renew(): Promise<void> {
    this.assertHeld();
    await (this.#renewal ?? this.#start());
    this.assertHeld();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onOuterAbort);
  }

  #start(): Promise<void> {
    this.#renewal = this.#send().finally(() => {
      this.#renewal = undefined;
      this.#arm();
    });
    return this.#renewal;
  }

  async #send(): Promise<void> {
    const sentMs = this.#clock.monotonic();
    this.#nextTryMs = sentMs + this.#record.leaseMs / triesPerLease;
    try {
      const record = await this.#renew(this.#controller.signal);
      this.#look();
      if (this.#stopped) return;
      this.#record = record;
      this.#failure = undefined;
      this.#deadlineMs = sentMs + record.leaseMs * (1 - marginShare);
      this.#nextTryMs = sentMs + record.leaseMs / renewalsPerLease;
    } catch (error) {
      this.#failure = error;
      if (error instanceof StaleFencingTokenError || error instanceof LeaseLostError) this.#end(error);
      throw error;
    }
  }

  /** Whoever looks finds out, whether or not a timer has run. */
  #look(): void {
    if (this.#stopped || !this.#isOver()) return;
    this.#end(this.#lost("it was not renewed in time"));
  }

  /** Where others judge by the wall clock, a lease that is over for them is over for its holder, too. */
  #isOver(): boolean {
    if (this.#clock.monotonic() >= this.#deadlineMs) return true;
    const { monotonic, expiresAt } = this.#record;
    return monotonic === undefined && this.#clock.now() >= Date.parse(expiresAt);
  }

  #end(reason: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#controller.abort(reason);
  }

  #lost(why: string): LeaseLostError {
    const heldForMs = this.#clock.monotonic() - this.#acquiredMs;
    return leaseLost(this.name, heldForMs, why, { cause: this.#failure });
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const dueMs =
      this.#renewal === undefined ? Math.min(this.#nextTryMs, this.#deadlineMs) : this.#deadlineMs;
    const delayMs = Math.min(Math.max(1, dueMs - this.#clock.monotonic()), longestTimerMs);
    this.#timer = setTimeout(() => this.#wake(), delayMs).unref();
  }

  #wake(): void {
    this.#look();
    if (this.#stopped) return;
    const due = this.#renewal === undefined && this.#clock.monotonic() >= this.#nextTryMs;
    if (due) this.#start().catch(ignore); // tried again, until the deadline tells
    this.#arm();
  }
}

/** When the grant was sent, on the holder's monotonic clock. */
function sentAt(record: LeaseRecord, clock: Clock): number {
  const { monotonic: stamp } = record;
  if (stamp !== undefined && stamp.clock === clock.name) return stamp.expiresAtMs - record.leaseMs;
  // Granted without such a clock: the wall clock tells how long ago, and never that it was later than now.
  return clock.monotonic() - Math.max(0, clock.now() - Date.parse(record.renewedAt));
}

function ignore(): void {}
