/** The few statistics the tables need. None of them changes its argument. */

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The middle value; the mean of the middle two for an even count; NaN for none. */
export function median(values: readonly number[]): number {
  const ordered = sorted(values);
  const middle = ordered.length >> 1;
  const upper = ordered[middle] ?? Number.NaN;
  return ordered.length % 2 === 1 ? upper : ((ordered[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The smallest value that at least `share` of all values do not exceed (nearest rank); NaN for none.
 *
 * @param share - Above 0, at most 1: 0.99 for p99.
 */
export function percentile(values: readonly number[], share: number): number {
  const rank = Math.max(Math.ceil(values.length * share), 1);
  return sorted(values)[rank - 1] ?? Number.NaN;
}

/** The largest value; NaN for none. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), values[0] ?? Number.NaN);
}

/**
 * How far the values lie apart, as a share of their median: (max - min) / median. Null for a single one, which lies apart from nothing, and
 * where the median is nothing, of which there is no share.
 */
export function spread(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const ordered = sorted(values);
  const range = (ordered.at(-1) ?? Number.NaN) - (ordered[0] ?? Number.NaN);
  if (range === 0) return 0;
  const middle = median(values);
  return middle === 0 ? null : range / middle;
}

/** The value that a quarter of all do not exceed, and the one that a quarter of all reach: nearest rank, counted from either end. */
export function quartiles(values: readonly number[]): readonly [lower: number, upper: number] {
  const ordered = sorted(values);
  const rank = Math.max(Math.ceil(values.length / 4), 1);
  return [ordered[rank - 1] ?? Number.NaN, ordered.at(-rank) ?? Number.NaN];
}

/** Jain's index of fairness: 1 when all got the same, 1/n when one got everything. */
export function jain(shares: readonly number[]): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const squares = shares.reduce((sum, share) => sum + share * share, 0);
  return (total * total) / (shares.length * squares);
}
