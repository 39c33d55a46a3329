/** At most `limit` claims in any `perMs` milliseconds. */
export interface RateLimit {
  readonly limit: number;
  readonly perMs: number;
}

/** Bounds of a queue that every process keeps, exactly: they lie in its events. What is left out is not bounded. */
export interface QueueLimits {
  /** Claims at once, in the whole queue. */
  readonly concurrency?: number | undefined;
  /** Claims at once, per limit key. */
  readonly perKey?: number | undefined;
  readonly rate?: RateLimit | undefined;
  readonly ratePerKey?: RateLimit | undefined;
}

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkLimits(limits: QueueLimits): QueueLimits {
  if (typeof limits !== "object" || limits === null || Array.isArray(limits))
    throw new TypeError("limits must be an object");
  const { concurrency, perKey, rate, ratePerKey } = limits;
  for (const [name, value] of Object.entries({ concurrency, perKey })) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      throw new RangeError(`${name} must be a whole number of at least 1, got ${String(value)}`);
  }
  for (const [name, value] of Object.entries({ rate, ratePerKey })) {
    if (value === undefined) continue;
    if (
      !Number.isSafeInteger(value?.limit) ||
      value.limit < 1 ||
      !Number.isFinite(value.perMs) ||
      value.perMs <= 0
    )
      throw new RangeError(`${name} must be { limit, perMs }: at least one claim in so many milliseconds`);
  }
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(perKey !== undefined && { perKey }),
    ...(rate !== undefined && { rate: { limit: rate.limit, perMs: rate.perMs } }),
    ...(ratePerKey !== undefined && { ratePerKey: { limit: ratePerKey.limit, perMs: ratePerKey.perMs } }),
  };
}
