import { RecordLine } from "../log/record-line.ts";
import type { LogSpec } from "./store-log.ts";

/** Which of these records, by their places, are among the lines already, or come a second time. */
export function idsIn<T>(
  idOf: LogSpec<T>["idOf"],
  lines: readonly string[],
  records: readonly unknown[],
): readonly number[] {
  if (idOf === undefined) return [];
  const seen = new Set(lines.map((line) => checkId(idOf(JSON.parse(line) as T))));
  const duplicates: number[] = [];
  for (const [at, record] of records.entries()) {
    const id = checkId(idOf(recordOf<T>(record)));
    if (id !== undefined && seen.has(id)) duplicates.push(at);
    seen.add(id);
  }
  return duplicates;
}

/** The record that is meant, where it was given as its line. */
export function recordOf<T>(record: unknown): T {
  return (record instanceof RecordLine ? JSON.parse(record.text) : record) as T;
}

/** @throws {TypeError} it is neither a string nor undefined. */
export function checkId(id: unknown): string | undefined {
  if (id === undefined || typeof id === "string") return id;
  throw new TypeError(`idOf must return a string or undefined, got ${id === null ? "null" : typeof id}`);
}
