import { changeIssue, existing } from "./change-issue.ts";
import { checkObject } from "./check-questions.ts";
import { asId, numberOf } from "./comment-number.ts";
import { BeadNotFoundError } from "./errors.ts";
import type { Comment, DependencyType, Issue } from "./issue.ts";
import type { IssuesDraft } from "./issues-draft.ts";

/** A dependency to be added. */
export interface NewDependency {
  /** Default `"blocks"`. */
  readonly type?: DependencyType | undefined;
  readonly createdBy?: string | undefined;
  /** JSON, as text: `{"gate":"any-children"}` of a `waits-for`. */
  readonly metadata?: string | undefined;
}

/**
 * Makes `id` depend on `target`. One that is there already is left as it is.
 *
 * @throws {BeadNotFoundError} one of them does not exist; what begins with `external:` need not.
 * @throws {DependencyCycleError} both would wait for each other, directly or through others.
 */
export function addDependency(
  draft: IssuesDraft,
  id: string,
  target: string,
  wanted: NewDependency,
  nowMs: number,
): Issue {
  const { type = "blocks", createdBy, metadata } = wanted;
  if (typeof target !== "string")
    throw new TypeError(`target must be the id of an issue, got ${typeof target}`);
  const issue = existing(draft, id, "add a dependency to");
  if (!target.startsWith("external:") && draft.get(target) === undefined)
    throw new BeadNotFoundError(target, `make ${id} depend on ${target}`);
  const present = issue.dependencies ?? [];
  if (present.some((each) => each.depends_on_id === target && each.type === type)) return issue;
  const dependency = {
    issue_id: id,
    depends_on_id: target,
    type,
    created_at: new Date(nowMs).toISOString(),
    ...(createdBy !== undefined && { created_by: createdBy }),
    ...(metadata !== undefined && { metadata }),
  };
  return changeIssue(draft, id, { dependencies: [...present, dependency] }, nowMs);
}

/** Takes a dependency out; every type of it, where none is named. One that is not there changes nothing. */
export function removeDependency(
  draft: IssuesDraft,
  id: string,
  target: string,
  type: DependencyType | undefined,
  nowMs: number,
): Issue {
  const dependencies = existing(draft, id, "remove a dependency from").dependencies ?? [];
  const left = dependencies.filter(
    (each) => each.depends_on_id !== target || (type !== undefined && each.type !== type),
  );
  if (left.length === dependencies.length) return existing(draft, id, "look at");
  return changeIssue(draft, id, { dependencies: left.length === 0 ? null : left }, nowMs);
}

/** A comment to be added. */
export interface NewComment {
  readonly author: string;
  readonly text: string;
  /** Default: the next integer where the file has integers, else a UUIDv7. */
  readonly id?: Comment["id"] | undefined;
}

/** Adds a comment. @param newId - Makes an id where nothing says that ids are integers. */
export function addComment(
  draft: IssuesDraft,
  id: string,
  wanted: NewComment,
  nowMs: number,
  newId: () => string,
): Issue {
  checkObject("comment", wanted);
  const comments = existing(draft, id, "comment on").comments ?? [];
  const comment: Comment = {
    id: wanted.id ?? nextInteger(draft, comments) ?? newId(),
    issue_id: id,
    author: wanted.author,
    text: wanted.text,
    created_at: new Date(nowMs).toISOString(),
  };
  return changeIssue(draft, id, { comments: [...comments, comment] }, nowMs);
}

/** bd up to 0.49 numbers all comments of a repository; undefined where this issue has none of that kind. */
function nextInteger(draft: IssuesDraft, comments: readonly Comment[]): number | bigint | undefined {
  if (!comments.some((comment) => numberOf(comment) !== undefined)) return undefined;
  let last = 0n;
  for (const issue of draft.issues.values()) {
    for (const comment of issue.comments ?? []) {
      const number = numberOf(comment) ?? 0n;
      if (number > last) last = number;
    }
  }
  return asId(last + 1n);
}
