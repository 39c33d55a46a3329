import { LogCorruptError } from "@flockwork/core";
import { conflictMarkerOf } from "./conflict-markers.ts";
import { ConflictMarkersError } from "./errors.ts";
import { kindOf, lineSchema, parseExactly, type IssueRecord } from "./issue-line.ts";
import type { Issue } from "./issue.ts";
import { canonicalJson } from "./merge/json-value.ts";

/** One line of a whole text. */
export interface IssueTextLine {
  /** The id of an issue; of any other line, what no id can be. */
  readonly key: string;
  readonly record: IssueRecord;
  /** Without the newline; a `\r` before it is kept. */
  readonly text: string;
}

/** A line that is none. */
export interface UnreadableLine {
  /** Counted from 1. */
  readonly line: number;
  readonly byteOffset: number;
  readonly why: string;
  readonly text: string;
}

/** The lines of a text, in order. */
export interface IssueText {
  readonly lines: readonly IssueTextLine[];
  readonly unreadable: readonly UnreadableLine[];
  readonly byteOrderMark: boolean;
}

/** The largest file that is read as one text: what a string can hold. */
export const mostTextBytes: number = 512 * 1024 * 1024 - 24;

const byteOrderMark = "\uFEFF";
const deepest = 512;

/**
 * Reads the text of a whole issue file: one that nobody is writing, as git hands them to a merge driver. The end of the text
 * ends its last line, with or without a newline.
 */
export function readIssueText(text: string): IssueText {
  const marked = text.startsWith(byteOrderMark);
  const lines: IssueTextLine[] = [];
  const unreadable: UnreadableLine[] = [];
  let byteOffset = 0;
  (marked ? text.slice(1) : text).split("\n").forEach((line, index) => {
    const parsed = parseLine(line);
    if (typeof parsed === "string") unreadable.push({ line: index + 1, byteOffset, why: parsed, text: line });
    else if (parsed !== undefined) lines.push({ key: keyOf(parsed), record: parsed, text: line });
    byteOffset += Buffer.byteLength(line) + 1 + (index === 0 && marked ? 3 : 0);
  });
  return { lines, unreadable, byteOrderMark: marked };
}

/** As {@link readIssueText}, for texts that must be whole. @throws {LogCorruptError | ConflictMarkersError} naming the line. */
export function readWholeText(path: string, text: string): IssueText {
  const read = readIssueText(text);
  const [first] = read.unreadable;
  if (first === undefined) return read;
  if (conflictMarkerOf(first.text) !== undefined) throw new ConflictMarkersError(path, first.line);
  throw new LogCorruptError(path, first.line, first.byteOffset, first.why);
}

/** The key under which a record is merged: of two records with one key, the later one counts. Ids have no blanks. */
export function keyOf(record: IssueRecord): string {
  switch (kindOf(record)) {
    case "issue":
      return (record as Issue).id;
    case "memory": {
      const key: unknown = record["key"];
      // One without a key of its own is another line for each thing it says.
      return typeof key === "string" ? `memory: ${key}` : `memory\n${canonicalJson(record)}`;
    }
    case "header":
      return "header ";
  }
}

/** What a line that is no issue is called in conflicts. */
export function nameOf(record: IssueRecord): string {
  if (kindOf(record) === "header") return "header";
  const key: unknown = record["key"];
  return `memory:${typeof key === "string" ? key : canonicalJson(key)}`;
}

/** The record of a line; undefined for a blank one; why it is none. */
function parseLine(line: string): IssueRecord | undefined | string {
  if (/^\s*$/.test(line)) return undefined;
  let record: unknown;
  try {
    record = parseExactly(line);
  } catch (error) {
    return `it is not JSON (${error instanceof Error ? error.message.slice(0, 200) : "no reason given"})`;
  }
  if (line.length > 2 * deepest && isTooDeep(record, deepest)) return "it is nested too deep";
  if (/__proto__|\\u00/.test(line) && hasProtoKey(record)) return "it has a key named __proto__";
  const result = lineSchema["~standard"].validate(record);
  if ("value" in result) return result.value;
  const [fault] = result.issues;
  return `its schema refuses it at ${fault?.path.join(".")}: ${fault?.message}`;
}

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return left === 0 || Object.values(value).some((member) => isTooDeep(member, left - 1));
}

function hasProtoKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasProtoKey);
}
