/** Checks of what callers hand in, each once, where it enters. */

const longestId = 256;

/** @throws {TypeError} not a string that can be the key of an entry. */
export function checkKey(argument: string, value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > longestId || !value.isWellFormed())
    throw new TypeError(`${argument} must be a string of 1 to ${longestId} characters`);
  // A key of a JSON object that JavaScript would take for the prototype, and what no terminal should be sent.
  if (value === "__proto__") throw new TypeError(`${argument} cannot be __proto__`);
  if (/\p{Cc}/u.test(value)) throw new TypeError(`${argument} must not contain control characters`);
  return value;
}

/** @throws {TypeError} no decimal number, as revisions are. */
export function checkRevision(argument: string, value: unknown): string {
  if (typeof value !== "string" || !/^(?:0|[1-9]\d{0,37})$/.test(value))
    throw new TypeError(`${argument} must be a revision that listWithRevision() or an event gave`);
  return value;
}

/** @throws {TypeError} no string, or one with half a character in it, which no file would hold. */
export function checkText(argument: string, value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${argument} must be a string, got ${typeof value}`);
  if (!value.isWellFormed()) throw new TypeError(`${argument} must not contain half of a surrogate pair`);
  return value;
}

/** @throws {TypeError | RangeError} no duration of more than 0, or one that JSON would not hold exactly. */
export function checkPositiveMs(option: string, value: unknown): number {
  if (typeof value !== "number")
    throw new TypeError(`${option} must be a number of milliseconds, got ${typeof value}`);
  if (!(value > 0 && value <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`${option} must be more than 0 and less than 2^53 milliseconds, got ${value}`);
  return value;
}

/** @throws {TypeError} no object. */
export function checkObject(argument: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${argument} must be an object`);
}

/** @throws {TypeError} neither undefined nor an object. */
export function checkOptions(options: unknown): void {
  if (options !== undefined) checkObject("options", options);
}
