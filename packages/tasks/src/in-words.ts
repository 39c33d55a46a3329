/** A value out of somebody else's JSON as a text. `String()` throws for an object that has a `toString` of its own. */
export function inWords(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
