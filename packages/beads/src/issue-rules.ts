import type { SchemaIssue } from "@flockwork/core";
import { BeadInvalidError } from "./errors.ts";
import type { Issue } from "./issue.ts";
import { issueSchema } from "./issue-schema.ts";
import { sameJson } from "./merge/json-value.ts";

/**
 * Checks an issue that is about to be written: the types of its fields and the rules between them, as bd does.
 * @param before - What it is now: what another tool wrote against the rules does not keep it from being changed otherwise.
 * @throws {BeadInvalidError} `ERR_BEAD_INVALID`, with everything that is wrong. Nothing was changed.
 */
export function checkIssue(issue: unknown, before?: Issue): asserts issue is Issue {
  const faults = faultsOfIssue(issue);
  if (faults.length === 0) return;
  const brought = before === undefined ? faults : broughtTo(before, issue as Issue, faults);
  if (brought.length === 0) return;
  const { id } = (issue ?? {}) as { id?: unknown };
  throw new BeadInvalidError(typeof id === "string" ? id : undefined, brought);
}

/** The faults of what a change touched. Elements of lists may have moved: of those as many may stay as there were of a kind. */
function broughtTo(before: Issue, after: Issue, faults: readonly SchemaIssue[]): readonly SchemaIssue[] {
  const kindOf = ({ message, path }: SchemaIssue): string =>
    JSON.stringify([message, ...path.map((key) => (typeof key === "number" ? 0 : key))]);
  const left = new Map<string, number>();
  for (const fault of faultsOfIssue(before)) left.set(kindOf(fault), (left.get(kindOf(fault)) ?? 0) + 1);
  return faults.filter((fault) => {
    const [field = "", ...inside] = fault.path;
    if (inside.length === 0) return !sameJson(before[field], after[field]) || !left.has(kindOf(fault));
    const count = left.get(kindOf(fault)) ?? 0;
    left.set(kindOf(fault), count - 1);
    return count <= 0;
  });
}

/** All that is wrong with an issue, types and rules; none for a valid one. */
export function faultsOfIssue(issue: unknown): readonly SchemaIssue[] {
  const parsed = issueSchema.safeParse(issue);
  if (parsed.success) return brokenRules(issue as Issue);
  const faults = parsed.error.issues.map(({ message, path }) => ({
    message,
    path: path.filter((key) => typeof key !== "symbol"),
  }));
  const wrong = new Set(faults.map(({ path: [field] }) => field));
  if (wrong.has(undefined)) return faults; // no object
  return [...faults, ...brokenRules(issue as Issue).filter(({ path: [field] }) => !wrong.has(field))];
}

/** Of a field of the wrong type, which is told of already, nothing is said that can be relied on; it is not calculated with. */
function brokenRules(issue: Issue): readonly SchemaIssue[] {
  const { priority, status = "open", estimated_minutes: estimate } = issue;
  const title: string | null | undefined = issue.title;
  const faults: SchemaIssue[] = [];
  const expect = (field: string, holds: boolean, message: string): void => {
    if (!holds) faults.push({ message, path: [field] });
  };
  const characters = title?.length ?? 0;
  expect("title", characters >= 1 && characters <= 500, "must be 1 to 500 characters");
  expect("priority", typeof priority !== "number" || (priority >= 0 && priority <= 4), "must be 0 to 4");
  expect(
    "closed_at",
    status === "tombstone" || (status === "closed") === (issue.closed_at !== undefined),
    status === "closed" ? "must be set on a closed issue" : "must not be set on an issue that is not closed",
  );
  expect("estimated_minutes", typeof estimate !== "number" || estimate >= 0, "must be 0 or more");
  expect(
    "no_history",
    !(issue.ephemeral === true && issue.no_history === true),
    "must not go with ephemeral",
  );
  expect(
    "deleted_at",
    status !== "tombstone" || issue.deleted_at !== undefined,
    "must be set on a tombstone",
  );
  return faults;
}

/**
 * Checks what is about to be written anew for halves of surrogate pairs, which UTF-8 cannot hold and other tools change in silence.
 * @throws {BeadInvalidError} naming the field. Nothing was changed.
 */
export function checkWellFormed(id: string | undefined, fields: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fields)) {
    if (isWellFormed(value) && key.isWellFormed()) continue;
    throw new BeadInvalidError(id, [{ message: "contains half of a surrogate pair", path: [key] }]);
  }
}

/** JSON.stringify escapes such halves, and nothing else of that range. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  const text = JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? 0 : member));
  return !/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(text);
}
