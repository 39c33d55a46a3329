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
  const left = whole - floors.reduce((sum, floor) => sum + floor, 0n);
  // A minimum can lift the whole by more than one for each part: what it adds is shared as the rest is, by size.
  const sum = exact.reduce((total, numerator) => total + numerator, 0n);
  if (left < 0n || left > BigInt(exact.length)) {
    if (sum > 0n)
      return apportion(
        exact.map((numerator) => numerator * whole),
        sum,
        whole,
      );
    return apportion(
      exact.map(() => whole),
      BigInt(exact.length),
      whole,
    );
  }
  const order = exact
    .map((numerator, index) => ({ index, remainder: numerator % denominator }))
    .toSorted((one, other) =>
      one.remainder === other.remainder ? one.index - other.index : one.remainder < other.remainder ? 1 : -1,
    );
  const shares = [...floors];
  for (const { index } of order.slice(0, Number(left))) shares[index] = (shares[index] ?? 0n) + 1n;
  return shares;
}

/** A fraction rounded to the nearest whole number, halves up. The numerator is not negative. */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
