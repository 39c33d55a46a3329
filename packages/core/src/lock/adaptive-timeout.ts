/** How long a call waits for a lock when it does not say: what this process has seen of that lock may tell. */
import { environmentTimeoutMs } from "../options.ts";
import type { LockPlan } from "./lock-layout.ts";
import { recordFailure } from "./lock-metrics.ts";
import { lockSettings } from "./lock-settings.ts";

/** Waits remembered of each lock. */
const rememberedWaits = 128;
/** Fewer than these tell nothing. */
const leastWaits = 16;
/** How much longer than the 99th percentile is waited. */
const allowance = 4;
/** Locks whose waits are remembered; past that, all is forgotten. */
const rememberedLocks = 1024;

const recent = new Map<string, RecentWaits>();

class RecentWaits {
  readonly #ms = new Float64Array(rememberedWaits);
  #count = 0;
  #p99Ms: number | undefined;

  add(ms: number): void {
    this.#ms[this.#count % rememberedWaits] = ms;
    this.#count += 1;
    this.#p99Ms = undefined;
  }

  /** Undefined while too few are known. */
  get p99Ms(): number | undefined {
    if (this.#count < leastWaits) return undefined;
    if (this.#p99Ms === undefined) {
      const sorted = this.#ms.slice(0, this.#count).toSorted();
      this.#p99Ms = sorted[Math.ceil(sorted.length * 0.99) - 1];
    }
    return this.#p99Ms;
  }
}

/** Notes a call that gave up. */
export function noteTimeout(lockPath: string, waitedMs: number): void {
  recordFailure("timeouts", lockPath, waitedMs);
  noteWait(lockPath, waitedMs);
}

/** Notes how long a call waited, granted or not. Costs nothing while timeouts are not adaptive. */
export function noteWait(lockPath: string, waitedMs: number): void {
  if (lockSettings().adaptiveTimeout === undefined) {
    if (recent.size > 0) recent.clear();
    return;
  }
  let waits = recent.get(lockPath);
  if (waits === undefined) {
    if (recent.size >= rememberedLocks) recent.clear();
    recent.set(lockPath, (waits = new RecentWaits()));
  }
  waits.add(waitedMs);
}

/**
 * Milliseconds a call waits that names no timeout: the layout's own, else the environment's; where timeouts are adaptive, in
 * place of the environment's four times the 99th percentile of the last 128 waits for this lock, within the bounds that were set.
 * Only waiting changes: never how long a lease lasts, or when a holder counts as dead.
 */
export function defaultTimeoutMs({ timeoutMs, legs }: LockPlan): number {
  if (timeoutMs !== undefined) return timeoutMs;
  const { adaptiveTimeout } = lockSettings();
  if (adaptiveTimeout === undefined) return environmentTimeoutMs();
  const p99Ms = recent.get(legs[0].path)?.p99Ms;
  const wanted = p99Ms === undefined ? environmentTimeoutMs() : p99Ms * allowance;
  return Math.min(Math.max(wanted, adaptiveTimeout.minMs), adaptiveTimeout.maxMs);
}
