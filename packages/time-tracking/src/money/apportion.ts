/**
 * Shares a whole among parts by largest remainder: each gets the floor of its exact share, what is left goes one by one to
 * those with the largest remainders, those that come first among equals. The shares add up to the whole, exactly.
 *
 * @param exact - The exact shares, as numerators over one `denominator`. Not negative.
 * @param whole - What they are to add up to.
 */
export function apportion(exact: readonly bigint[], denominator: bigint, whole: bigint): bigint[] {
  if (exact.length === 0) return [];
  const floors = exact.map((numerator) => numerator / denominator);
  let left = whole - floors.reduce((sum, floor) => sum + floor, 0n);
  const order = exact
    .map((numerator, index) => ({ index, remainder: numerator % denominator }))
    .toSorted((one, other) =>
      one.remainder === other.remainder ? one.index - other.index : one.remainder < other.remainder ? 1 : -1,
    );
  // A minimum can lift the whole by more than one for each part; a cap can lower it below the floors.
  const rounds = left / BigInt(exact.length);
  const shares = floors.map((floor) => floor + rounds);
  left -= rounds * BigInt(exact.length);
  for (const { index } of left < 0n ? order.toReversed() : order) {
    if (left === 0n) break;
    const step = left < 0n ? -1n : 1n;
    shares[index] = (shares[index] ?? 0n) + step;
    left -= step;
  }
  return shares;
}

/** A fraction rounded to the nearest whole number, halves up. The numerator is not negative. */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
