/**
 * What is asked, checked where it enters: an option of the wrong kind would be a question about something else, answered in silence.
 */
import { instantToNs } from "./instant.ts";
import type { IssueFilter, IssueSort } from "./issue-filter.ts";
import type { ReadyOptions } from "./ready-issues.ts";

const instants = ["createdAfter", "createdBefore", "updatedAfter", "updatedBefore", "dueBefore"] as const;
const lists = ["ids", "labels", "labelsAny"] as const;
const sortKeys = ["id", "priority", "created", "updated", "due", "title", "status"];
const directions = ["ascending", "descending"];
const orders = ["priority", "oldest", "due", "hybrid"];

/** @throws {TypeError | RangeError} naming the option. */
export function checkFilter(filter: IssueFilter): void {
  checkObject("filter", filter);
  for (const field of instants)
    if (filter[field] !== undefined && instantToNs(filter[field]) === undefined)
      throw new TypeError(`${field} must be an RFC 3339 instant, got ${told(filter[field])}`);
  for (const field of lists)
    if (filter[field] !== undefined && !Array.isArray(filter[field]))
      throw new TypeError(`${field} must be a list of strings, got ${told(filter[field])}`);
  checkLimit(filter.limit);
}

/** @throws {TypeError} naming the option. */
export function checkSort(sort: IssueSort): void {
  checkObject("sort", sort);
  checkWord("by", sort.by, sortKeys);
  if (sort.direction !== undefined) checkWord("direction", sort.direction, directions);
}

/** @throws {TypeError | RangeError} naming the option. */
export function checkReady(options: ReadyOptions): void {
  checkFilter(options as IssueFilter);
  const { order, nowMs } = options;
  if (order !== undefined) checkWord("order", order, orders);
  if (nowMs !== undefined && (typeof nowMs !== "number" || Number.isNaN(nowMs)))
    throw new TypeError(`nowMs must be milliseconds since 1970, got ${told(nowMs)}`);
}

/** @throws {TypeError} naming the option. */
export function checkObject(option: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${option} must be an object, got ${told(value)}`);
}

/** @throws {TypeError} naming the argument. */
export function checkText(argument: string, value: unknown): void {
  if (typeof value !== "string") throw new TypeError(`${argument} must be a string, got ${told(value)}`);
}

/** @throws {TypeError} naming the option. */
export function checkWord(option: string, value: unknown, words: readonly string[]): void {
  if (!words.includes(value as string))
    throw new TypeError(`${option} must be one of ${words.join(", ")}, got ${told(value)}`);
}

function checkLimit(limit: unknown): void {
  if (limit === undefined) return;
  if (typeof limit !== "number") throw new TypeError(`limit must be a number, got ${told(limit)}`);
  if (!(limit >= 0)) throw new RangeError(`limit must be 0 or more, got ${limit}`);
}

function told(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : value === null ? "null" : typeof value;
}
