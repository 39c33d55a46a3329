/** Checks of what callers hand in, each once, where it enters. */
import { isProcessIdentity, type MonotonicTime, type ProcessIdentity } from "@flockwork/core";

const longestId = 200;
/** What a file of some variant means something else by. */
const reserved: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
  "sessions",
  "current_session",
  "flockwork",
]);

/** @throws {TypeError} no string that can be the id of a task, an actor or an entry. */
export function checkId(argument: string, value: unknown): string {
  const fault = faultOfId(value);
  if (fault !== undefined) throw new TypeError(`${argument} ${fault}`);
  return value as string;
}

/** Why a value cannot be the id of a task, an actor or an entry; undefined where it can. */
export function faultOfId(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > longestId || !value.isWellFormed())
    return `must be a string of 1 to ${longestId} characters`;
  if (isReserved(value)) return `cannot be ${value}`;
  return /\p{Cc}/u.test(value) ? "must not contain control characters" : undefined;
}

/** Whether a file of some variant means something else by it. */
export function isReserved(id: string): boolean {
  return reserved.has(id);
}

export function checkOptionalId(argument: string, value: unknown): string | undefined {
  return value === undefined ? undefined : checkId(argument, value);
}

/** @throws {TypeError} neither undefined nor text. */
export function checkOptionalText(argument: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !value.isWellFormed() || value.length > 10_000)
    throw new TypeError(`${argument} must be a string of at most 10000 characters`);
  return value;
}

/** An instant as callers give it: milliseconds since 1970, a Date, or an ISO 8601 string with its zone. */
export type InstantLike = number | Date | string;

/** Beyond these years no calendar of this package is asked. */
const earliestMs = Date.UTC(1971, 0, 1);
const latestMs = Date.UTC(9000, 0, 1);

/** Whether it is an instant in whole milliseconds since 1970 of which a calendar can be asked. */
export function isInstantMs(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= latestMs;
}

/** Whether it is what a monotonic clock showed, and which clock. */
export function isMonotonic(value: unknown): value is MonotonicTime {
  if (!isObject(value) || typeof value["clock"] !== "string") return false;
  return Number.isFinite(value["ms"]) && Number(value["ms"]) >= 0;
}

/** An entry that is longer is a mistake, and would make a report by day that never ends. */
export const longestEntryMs: number = 100 * 366 * 86_400_000;

/** @throws {TypeError | RangeError} no instant, or one without a zone. Returns whole milliseconds since 1970. */
export function checkInstant(argument: string, value: unknown): number {
  const ms =
    typeof value === "string" ? parseInstant(value) : value instanceof Date ? value.getTime() : value;
  if (typeof ms !== "number" || !Number.isSafeInteger(ms))
    throw new TypeError(
      `${argument} must be whole milliseconds since 1970, a Date, or an ISO 8601 instant with its zone`,
    );
  if (ms < earliestMs || ms > latestMs) throw new RangeError(`${argument} must lie between 1971 and 9000`);
  return ms;
}

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** Milliseconds since 1970; undefined for what is no ISO 8601 instant with a zone. */
export function parseInstant(text: string): number | undefined {
  if (!zoned.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** @throws {TypeError | RangeError} no whole number of at least `least`. */
export function checkWhole(argument: string, value: unknown, least = 0): number {
  if (typeof value !== "number") throw new TypeError(`${argument} must be a number, got ${typeof value}`);
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${argument} must be a whole number of ${least} or more, got ${value}`);
  return value;
}

/** @throws {TypeError} neither undefined nor one of these words. */
export function checkWord<W extends string>(
  argument: string,
  value: unknown,
  words: readonly W[],
): W | undefined {
  if (value === undefined || words.includes(value as W)) return value as W | undefined;
  throw new TypeError(`${argument} must be one of ${words.join(", ")}`);
}

/** @throws {TypeError} neither undefined nor true or false. */
export function checkOptionalFlag(argument: string, value: unknown): boolean | undefined {
  if (value !== undefined && typeof value !== "boolean")
    throw new TypeError(`${argument} must be true or false`);
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {TypeError} neither undefined nor what `identifyProcess` tells. */
export function checkOptionalProcess(argument: string, value: unknown): ProcessIdentity | undefined {
  if (value === undefined || isProcessIdentity(value)) return value;
  throw new TypeError(`${argument} must be what identifyProcess() returns: { pid, host, ... }`);
}
