import { RevisionConflictError } from "@flockwork/core";
import { createHash } from "node:crypto";
import { refuseCircles } from "./dependency-cycles.ts";
import { BeadExistsError, BeadInvalidError, BeadNotFoundError } from "./errors.ts";
import { instantAfter } from "./instant.ts";
import { editLine, lineOfIssue } from "./issue-line.ts";
import { checkWellFormed } from "./issue-rules.ts";
import { isTombstone } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import type { IssuesDraft } from "./issues-draft.ts";

/** Other values for some fields; null takes a field out. `id` and `updated_at` are not changed this way. */
export type IssuePatch = { readonly [K in keyof Issue]?: Issue[K] | null | undefined };

/** A patch, or how to find it in what the issue is under the lock. */
export type IssueChange = IssuePatch | ((issue: Issue) => IssuePatch);

/**
 * Names what an issue is: equal revisions mean equal issues, however their lines are spelled. Give it as `expectedRevision`.
 */
export function revisionOf(issue: Issue): string {
  const canonical = JSON.stringify(issue, (_key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash("sha256").update(canonical).digest("hex").slice(0, 32);
}

/** The issue of that id. @throws {BeadNotFoundError} there is none, or only its tombstone. */
export function existing(draft: IssuesDraft, id: string, attempt: string): Issue {
  if (typeof id !== "string")
    throw new TypeError(`id must be a string, got ${id === null ? "null" : typeof id}`);
  const issue = draft.get(id);
  if (issue === undefined || isTombstone(issue)) throw new BeadNotFoundError(id, `${attempt} ${id}`);
  return issue;
}

/** @throws {RevisionConflictError} the issue is not at that revision. */
export function checkRevision(issue: Issue, expected: string | undefined): void {
  if (expected === undefined) return;
  const actual = revisionOf(issue);
  if (actual !== expected) throw new RevisionConflictError(`issue ${issue.id}`, expected, actual);
}

/** Adds an issue as it is given. @throws {BeadExistsError | BeadInvalidError | DependencyCycleError} */
export function addIssue(draft: IssuesDraft, issue: Issue): Issue {
  if (draft.get(issue.id) !== undefined) throw new BeadExistsError(issue.id);
  checkWellFormed(issue.id, issue);
  if (issue.dependencies !== undefined) refuseCircles(draft.issues, issue.id, issue.dependencies);
  return draft.put(lineOfIssue(issue));
}

/**
 * Applies a patch. What it does not touch keeps its bytes; `updated_at` becomes later than it was, and `closed_at` follows the
 * status. A patch that changes nothing leaves the issue as it is, `updated_at` too.
 *
 * @throws {BeadNotFoundError | BeadInvalidError | DependencyCycleError}
 */
export function changeIssue(
  draft: IssuesDraft,
  id: string,
  change: IssueChange,
  nowMs: number,
  attempt = "update",
): Issue {
  const issue = existing(draft, id, attempt);
  const text = draft.textOf(id) ?? lineOfIssue(issue);
  const patch = typeof change === "function" ? change(issue) : change;
  checkPatch(patch);
  for (const field of ["id", "updated_at"] as const) {
    if (patch[field] !== undefined && patch[field] !== issue[field])
      throw new BeadInvalidError(id, [{ message: "is not changed by a patch", path: [field] }]);
  }
  checkWellFormed(id, patch);
  if (patch.dependencies !== undefined) refuseCircles(draft.issues, id, patch.dependencies);
  const now = instantAfter(issue.updated_at, nowMs);
  const fields = Object.entries({ ...patch, ...closing(issue, patch, now) });
  const removed = fields.filter(([, value]) => value === null).map(([key]) => key);
  const edited = editLine(text, Object.fromEntries(fields.filter(([, value]) => value !== null)), removed);
  if (edited === text) return issue;
  return draft.put(editLine(edited, { updated_at: now }));
}

/** A promise has no fields, and a string has its characters: both would be a receipt for what nobody meant. @throws {TypeError} */
function checkPatch(patch: unknown): void {
  if (typeof patch === "object" && patch !== null) {
    const prototype: unknown = Object.getPrototypeOf(patch);
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return;
  }
  const got =
    patch instanceof Promise ? "a promise: what works it out runs under the lock, at once" : typeof patch;
  throw new TypeError(`A change must be an object of fields, or a function that returns one; got ${got}`);
}

/** `closed_at` is there exactly while an issue is closed. */
function closing(issue: Issue, patch: IssuePatch, now: string): IssuePatch {
  const { status, closed_at: closedAt } = patch;
  if (status === undefined || status === issue.status) return {};
  if (status === "closed") return { closed_at: closedAt ?? now };
  return issue.status === "closed" ? { closed_at: null, close_reason: patch.close_reason ?? null } : {};
}
