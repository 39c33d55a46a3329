import type { StandardSchemaV1 } from "@standard-schema/spec";
import { RecordInvalidError, TooLargeError } from "../errors.ts";
import { findUnwritable, hasProtoKey, isDeeperThan } from "./json-rules.ts";
import type { LogLimits } from "./log-limits.ts";
import { RecordLine } from "./record-line.ts";
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
  const given = record instanceof RecordLine ? record.text : undefined;
  const value = given === undefined ? record : parseGiven(rules, given, index);
  const unwritable = given === undefined ? findUnwritable(value, rules.limits.maxDepth) : undefined;
  const issues = unwritable === undefined ? schemaIssuesOf(rules.schema, value) : [unwritable];
  if (issues !== undefined) throw new RecordInvalidError(rules.path, index, issues);
  const line = given ?? JSON.stringify(value);
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

/** The record of a line that a caller gives: what a reader will see. */
function parseGiven(rules: RecordRules, text: string, index: number): unknown {
  const refuse = (message: string): RecordInvalidError =>
    new RecordInvalidError(rules.path, index, [{ message, path: [] }]);
  if (isDeeperThan(text, rules.limits.maxDepth)) throw refuse("it is nested deeper than maxDepth allows");
  if (!text.isWellFormed()) throw refuse("it contains half of a surrogate pair, which UTF-8 cannot hold");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`the line given is not JSON (${cause instanceof Error ? cause.message.slice(0, 200) : ""})`);
  }
  if (hasProtoKey(value)) throw refuse("a key named __proto__ is refused");
  return value;
}
