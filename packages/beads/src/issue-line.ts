import { editJson } from "@flockwork/core";
import type { Issue } from "./issue.ts";
import type { ExportHeader, MemoryLine } from "./neighbour-files.ts";

/** A record of an issue file. */
export type IssueRecord = Issue | MemoryLine | ExportHeader;

/** What a line of an issue file is. */
export type LineKind = "issue" | "memory" | "header";

/** Tells the three apart. Only for records that {@link lineSchema} accepts. */
export function kindOf(record: IssueRecord): LineKind {
  if (typeof record["id"] === "string") return "issue";
  return record["_type"] === "memory" ? "memory" : "header";
}

interface Fault {
  readonly message: string;
  readonly path: readonly string[];
}

/**
 * What every line that is read must be: a Standard Schema, kept to what reading relies on, because it runs for each line of
 * each file. `issueSchema` says all that is known of an issue; `doctor` holds files to it.
 */
export const lineSchema = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value: unknown): { readonly value: IssueRecord } | { readonly issues: readonly Fault[] } => {
      const fault = faultOf(value);
      return fault === undefined ? { value: value as IssueRecord } : { issues: [fault] };
    },
  },
} as const;

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** What is looked at in every line of every file: fields by name are several times faster to read than by a list of names. */
type LooseIssue = Readonly<
  Record<
    | "id"
    | "_type"
    | "_schema"
    | "title"
    | "priority"
    | "status"
    | "issue_type"
    | "description"
    | "close_reason"
    | "assignee"
    | "created_at"
    | "updated_at"
    | "labels"
    | "dependencies"
    | "comments",
    unknown
  >
>;

function faultOf(value: unknown): Fault | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return fault("it must be an object: an issue, a memory line, or the header of an export");
  const issue = value as LooseIssue;
  const { id } = issue;
  if (id === undefined) {
    if (issue._type === "memory" || typeof issue._schema === "string") return undefined;
    return fault("an issue must have an id", "id");
  }
  if (typeof id !== "string" || !idPattern.test(id))
    return fault("must be a string of letters, digits, dots, dashes and colons, at most 128", "id");
  if (typeof issue.title !== "string") return fault("must be a string", "title");
  if (
    issue.priority !== undefined &&
    typeof issue.priority !== "number" &&
    typeof issue.priority !== "bigint"
  )
    return fault("must be a number", "priority");
  if (!isText(issue.status)) return fault("must be a string", "status");
  if (!isText(issue.issue_type)) return fault("must be a string", "issue_type");
  if (!isText(issue.description)) return fault("must be a string", "description");
  if (!isText(issue.close_reason)) return fault("must be a string", "close_reason");
  if (!isText(issue.assignee)) return fault("must be a string", "assignee");
  if (!isText(issue.created_at)) return fault("must be a string", "created_at");
  if (!isText(issue.updated_at)) return fault("must be a string", "updated_at");
  if (!isList(issue.labels, isLabel)) return fault("must be a list of the right kind", "labels");
  if (!isList(issue.dependencies, isDependency))
    return fault("must be a list of the right kind", "dependencies");
  if (!isList(issue.comments, isComment)) return fault("must be a list of the right kind", "comments");
  return undefined;
}

function fault(message: string, ...path: readonly string[]): Fault {
  return { message, path };
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isList(value: unknown, isElement: (element: unknown) => boolean): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.every(isElement));
}

const isLabel = (label: unknown): boolean => typeof label === "string";

function isDependency(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { depends_on_id: target, type } = value as Readonly<Record<"depends_on_id" | "type", unknown>>;
  return typeof target === "string" && typeof type === "string";
}

function isComment(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly text?: unknown }).text === "string"
  );
}

/** The record with its integers past 2^53 as bigints, exactly as the line has them. Any other record is returned as it is. */
export function withExactIntegers<T>(record: T, text: () => string): T {
  return hasRounded(record) ? parseExactly(text()) : record;
}

/** Parses a line; integers past 2^53 become bigints. @throws {SyntaxError} */
export function parseExactly<T>(text: string): T {
  // A reviver makes parsing several times dearer: only text that may hold such a number gets one.
  if (!/\d{16}/.test(text)) return JSON.parse(text) as T;
  return JSON.parse(text, exactInteger as (key: string, value: unknown) => unknown) as T;
}

function exactInteger(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

function hasRounded(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasRounded);
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member !== "string" && hasRounded(member)) return true;
  }
  return false;
}

/** In the order in which bd writes them; what is not named comes behind. */
const fieldOrder = (
  "id title description design acceptance_criteria notes spec_id status priority issue_type assignee owner " +
  "estimated_minutes created_at created_by updated_at started_at closed_at close_reason closed_by_session due_at " +
  "defer_until external_ref source_system metadata labels dependencies comments"
).split(" ");

/** The line of a new issue. Fields that are undefined are left out. */
export function lineOfIssue(issue: Issue): string {
  const ordered: Record<string, unknown> = {};
  for (const key of fieldOrder) if (issue[key] !== undefined) ordered[key] = issue[key];
  for (const key in issue)
    if (issue[key] !== undefined && !Object.hasOwn(ordered, key)) ordered[key] = issue[key];
  // Anything out of the ordinary needs the writer that spells every digit, or refuses what JSON cannot hold.
  if (isOrdinary(ordered, 100)) return JSON.stringify(ordered);
  return editJson<Record<string, unknown>>('{"id":""}', () => ordered, { path: issue.id });
}

/** Whether JSON.stringify writes a value as it is. */
function isOrdinary(value: unknown, depthLeft: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value));
    case "object": {
      if (value === null) return true;
      if (depthLeft === 0 || "toJSON" in value || Object.hasOwn(value, "__proto__")) return false;
      if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
      return Object.values(value).every((member) => isOrdinary(member, depthLeft - 1));
    }
    default:
      return false;
  }
}

/** The line with other values for some fields, and without others. Everything else keeps its bytes. */
export function editLine(
  text: string,
  fields: Readonly<Record<string, unknown>>,
  removed: readonly string[] = [],
): string {
  return editJson<Record<string, unknown>>(text, (draft) => {
    for (const key of removed) delete draft[key];
    for (const [key, value] of Object.entries(fields)) if (value !== undefined) draft[key] = value;
  });
}
