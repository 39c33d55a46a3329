/** A histogram of durations in memory that does not grow with use. */
export interface DurationMetrics {
  readonly count: number;
  readonly totalMs: number;
  readonly maxMs: number;
  /** How many lay at or below each bound; the last bound is `Infinity`. */
  readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
}

const bounds = [0.1, 1, 5, 10, 50, 100, 500, 1_000, 5_000, 30_000, Infinity] as const;

/** Adds durations up; each costs the same, however many there were. */
export class Durations {
  count = 0;
  totalMs = 0;
  maxMs = 0;
  readonly #counts = new Float64Array(bounds.length);

  add(ms: number): void {
    this.count += 1;
    this.totalMs += ms;
    if (ms > this.maxMs) this.maxMs = ms;
    let at = 0;
    while (ms > (bounds[at] ?? Infinity)) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  snapshot(): DurationMetrics {
    const buckets = bounds.map((upToMs, at) => ({ upToMs, count: this.#counts[at] ?? 0 }));
    return { count: this.count, totalMs: this.totalMs, maxMs: this.maxMs, buckets };
  }
}
