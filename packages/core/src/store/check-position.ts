/** Checks a position in a log, where it enters. @throws {RangeError} naming the option. */
export function checkPosition(option: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${option} must be a position: a whole number from 0, got ${String(value)}`);
}
