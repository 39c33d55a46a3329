/** An instant of a file, in milliseconds since 1970; NaN for what is none. `Date.parse` throws for some of what JSON can hold. */
export function instantMs(value: unknown): number {
  return typeof value === "string" ? Date.parse(value) : Number.NaN;
}
