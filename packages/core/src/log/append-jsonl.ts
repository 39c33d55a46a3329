import type { AppendReceipt } from "../atomic/append-lines.ts";
import { JsonlLog } from "./jsonl-log.ts";
import type { JsonlLogOptions } from "./log-options.ts";

/**
 * Appends a record, or an array of records (all or none), to a JSONL file. Every call site of this process shares the locks,
 * writes and fsyncs of the file. To append one record that is an array, use `jsonlLog(path).append`.
 *
 * @throws What `JsonlLog.append` throws.
 * @example
 * await appendJsonl("events.jsonl", { type: "started" });
 */
export async function appendJsonl<T>(
  path: string,
  records: T | readonly T[],
  options: JsonlLogOptions<T> = {},
): Promise<AppendReceipt> {
  return await new JsonlLog<T>(path, options).appendMany(toArray(records));
}

/** The synchronous twin of {@link appendJsonl}. @throws {LockReentryError} this thread holds the lock asynchronously. */
export function appendJsonlSync<T>(
  path: string,
  records: T | readonly T[],
  options: JsonlLogOptions<T> = {},
): AppendReceipt {
  return new JsonlLog<T>(path, options).appendManySync(toArray(records));
}

/** A hole in an array is a record that is undefined: refused like it, not left out. */
function toArray<T>(records: T | readonly T[]): readonly T[] {
  return Array.isArray(records) ? Array.from(records as readonly T[]) : [records as T];
}
