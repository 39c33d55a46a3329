/** A date that is none: `JSON.stringify` makes null of it, without a word. */
export function isInvalidDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}
