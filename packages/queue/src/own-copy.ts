/** A value as another process reads it: what anybody does to the original later changes nothing. */
export function ownCopy<T>(value: T): T {
  return typeof value === "object" && value !== null ? (JSON.parse(JSON.stringify(value)) as T) : value;
}
