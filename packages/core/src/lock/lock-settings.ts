import { checkDuration, checkOptions } from "../options.ts";

/** How locks behave in this process as a whole. */
export interface LockSettings {
  /** Callers of this process that one kernel grant may serve before others get their turn. Default 32; 1 is strict FIFO. */
  readonly cohortCallers: number;
  /** Milliseconds one kernel grant may be kept for such a cohort. Default 5. */
  readonly cohortMs: number;
  /** Lock descriptors kept open between uses. Default 64; 0 opens and closes at each use. */
  readonly cachedDescriptors: number;
  /** Milliseconds after which an unused descriptor is closed. Default 10 000. Takes effect when none is open. */
  readonly idleCloseMs: number;
  /**
   * Where a call names no timeout, and its layout has none: wait as long as recent waits for the same lock suggest (four times
   * their 99th percentile), within these milliseconds. Default: off.
   */
  readonly adaptiveTimeout: { readonly minMs: number; readonly maxMs: number } | undefined;
}

const defaults: LockSettings = {
  cohortCallers: 32,
  cohortMs: 5,
  cachedDescriptors: 64,
  idleCloseMs: 10_000,
  adaptiveTimeout: undefined,
};

let settings: LockSettings = defaults;

export function lockSettings(): LockSettings {
  return settings;
}

/**
 * Changes how locks behave in this process. Settings left out return to their defaults.
 *
 * @throws {TypeError | RangeError} naming the setting that is unknown or out of range; nothing was changed.
 */
export function configureLocks(changes: Partial<LockSettings>): void {
  checkOptions(changes);
  const next = { ...defaults };
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (!Object.hasOwn(defaults, name))
      throw new TypeError(`configureLocks knows no setting ${JSON.stringify(name)}`);
    if (value !== undefined) Object.assign(next, { [name]: value });
  }
  for (const name of ["cohortCallers", "cachedDescriptors"] as const) {
    const least = name === "cohortCallers" ? 1 : 0;
    if (!Number.isInteger(next[name]) || next[name] < least) {
      throw new RangeError(`${name} must be a whole number of at least ${least}, got ${next[name]}`);
    }
  }
  checkDuration("cohortMs", next.cohortMs);
  checkDuration("idleCloseMs", next.idleCloseMs);
  if (next.adaptiveTimeout !== undefined) checkBounds(next.adaptiveTimeout);
  settings = next;
}

function checkBounds(bounds: unknown): void {
  if (typeof bounds !== "object" || bounds === null)
    throw new TypeError("adaptiveTimeout must be an object with minMs and maxMs, in milliseconds");
  const { minMs, maxMs } = bounds as { minMs?: unknown; maxMs?: unknown };
  const least = checkDuration("adaptiveTimeout.minMs", minMs);
  const most = checkDuration("adaptiveTimeout.maxMs", maxMs);
  if (least > most)
    throw new RangeError(`adaptiveTimeout.minMs must not exceed maxMs, got ${least} and ${most}`);
}
