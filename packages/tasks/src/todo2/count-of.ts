/** A version or a token out of somebody else's data: a whole number that can be counted on from. Undefined for anything else. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return isCount(number) ? number : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
