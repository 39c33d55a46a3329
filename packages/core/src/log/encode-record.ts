import type { StandardSchemaV1 } from "@standard-schema/spec";
import { RecordInvalidError, TooLargeError } from "../errors.ts";
import { findUnwritable } from "./json-rules.ts";
import type { LogLimits } from "./log-limits.ts";
import { schemaIssuesOf } from "./record-schema.ts";

/** What decides whether a record may be written to a log. */
export interface RecordRules {
  readonly path: string;
  readonly schema: StandardSchemaV1 | undefined;
  readonly limits: LogLimits;
}

/**
 * The line of one record, without its newline.
 *
 * @param index - Its position in the call, for errors.
 * @throws {RecordInvalidError} JSON cannot hold it, or the schema refuses it.
 * @throws {TooLargeError} its line would exceed maxLineBytes.
 */
export function encodeRecord(rules: RecordRules, record: unknown, index: number): string {
  const unwritable = findUnwritable(record, rules.limits.maxDepth);
  const issues = unwritable === undefined ? schemaIssuesOf(rules.schema, record) : [unwritable];
  if (issues !== undefined) throw new RecordInvalidError(rules.path, index, issues);
  const line = JSON.stringify(record);
  const { maxLineBytes } = rules.limits;
  if (line.length * 3 > maxLineBytes) {
    const bytes = Buffer.byteLength(line);
    if (bytes > maxLineBytes) throw new TooLargeError(rules.path, "maxLineBytes", maxLineBytes, bytes);
  }
  return line;
}

/** The bytes of whole lines, ready to be appended. Throws as {@link encodeRecord}, naming the record. */
export function encodeRecords(rules: RecordRules, records: readonly unknown[]): Uint8Array {
  if (!Array.isArray(records)) throw new TypeError(`records must be an array, got ${typeof records}`);
  let text = "";
  records.forEach((record, index) => {
    text += `${encodeRecord(rules, record, index)}\n`;
  });
  return Buffer.from(text);
}
