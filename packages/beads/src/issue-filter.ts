import { checkFilter, checkSort } from "./check-questions.ts";
import { compareInstants, instantToMs } from "./instant.ts";
import { parentOf } from "./issue-id.ts";
import { isEphemeral, isFinished, isTombstone, plainNumber, priorityOf } from "./issue-status.ts";
import type { Instant, Issue } from "./issue.ts";

/** Which issues are meant. What is left out does not matter; everything given must hold. */
export interface IssueFilter {
  readonly ids?: readonly string[] | undefined;
  /** What the id begins with. */
  readonly idPrefix?: string | undefined;
  /** One of these; `tombstone` must be named to be found. */
  readonly status?: string | readonly string[] | undefined;
  /** One of these types; an issue without one is a `task`. */
  readonly type?: string | readonly string[] | undefined;
  /** One of these priorities. */
  readonly priority?: number | readonly number[] | undefined;
  /** Exactly this assignee; null: nobody. */
  readonly assignee?: string | null | undefined;
  readonly owner?: string | undefined;
  /** All of these labels. */
  readonly labels?: readonly string[] | undefined;
  /** At least one of these labels. */
  readonly labelsAny?: readonly string[] | undefined;
  /** Children of this issue, by dependency or by id. */
  readonly parent?: string | undefined;
  readonly createdAfter?: Instant | undefined;
  readonly createdBefore?: Instant | undefined;
  readonly updatedAfter?: Instant | undefined;
  readonly updatedBefore?: Instant | undefined;
  /** Due before this instant. */
  readonly dueBefore?: Instant | undefined;
  /** Due by now, and not finished. */
  readonly overdue?: boolean | undefined;
  readonly ephemeral?: boolean | undefined;
  readonly isTemplate?: boolean | undefined;
  /** Words that all occur in title, description, id or labels; capitals do not matter. */
  readonly text?: string | undefined;
  /** At most so many, after sorting. */
  readonly limit?: number | undefined;
}

/** By what issues are sorted; what lacks it comes last. Ties are broken by id. */
export interface IssueSort {
  readonly by: "id" | "priority" | "created" | "updated" | "due" | "title" | "status";
  /** Default `"ascending"`. */
  readonly direction?: "ascending" | "descending" | undefined;
}

/** A test for issues. @param nowMs - Milliseconds since 1970, for `overdue`. */
export function matcherOf(filter: IssueFilter, nowMs: number = Date.now()): (issue: Issue) => boolean {
  checkFilter(filter);
  const tests: ((issue: Issue) => boolean)[] = [];
  const when = <V>(value: V | undefined, test: (value: V) => (issue: Issue) => boolean): void => {
    if (value !== undefined) tests.push(test(value));
  };
  const oneOf = <V>(value: V | readonly V[] | undefined, of: (issue: Issue) => V): void =>
    when(value, (given) => {
      const wanted = new Set<V>(Array.isArray(given) ? (given as readonly V[]) : [given as V]);
      return (issue) => wanted.has(of(issue));
    });
  oneOf(filter.ids, ({ id }) => id);
  oneOf(filter.status, ({ status = "open" }) => status);
  oneOf<string>(filter.type, ({ issue_type: type = "task" }) => type);
  when(filter.priority, (given) => {
    const wanted = new Set([given].flat().map(plainNumber));
    return (issue) => wanted.has(priorityOf(issue));
  });
  when(
    filter.idPrefix,
    (prefix) =>
      ({ id }) =>
        id.startsWith(prefix),
  );
  when(
    filter.assignee,
    (who) =>
      ({ assignee = "" }) =>
        assignee === (who ?? ""),
  );
  when(
    filter.owner,
    (who) =>
      ({ owner }) =>
        owner === who,
  );
  when(
    filter.labels,
    (all) =>
      ({ labels }) =>
        all.every((label) => labels?.includes(label) === true),
  );
  when(
    filter.labelsAny,
    (any) =>
      ({ labels }) =>
        any.some((label) => labels?.includes(label) === true),
  );
  when(filter.parent, (parent) => (issue) => isChildOf(issue, parent));
  when(filter.createdAfter, (at) => (issue) => compareInstants(issue.created_at, at) > 0);
  when(filter.createdBefore, (at) => (issue) => compareInstants(issue.created_at, at) < 0);
  when(filter.updatedAfter, (at) => (issue) => compareInstants(issue.updated_at, at) > 0);
  when(filter.updatedBefore, (at) => (issue) => compareInstants(issue.updated_at, at) < 0);
  when(
    filter.dueBefore,
    (at) =>
      ({ due_at: due }) =>
        due !== undefined && compareInstants(due, at) < 0,
  );
  when(filter.overdue, (wanted) => (issue) => isOverdue(issue, nowMs) === wanted);
  when(filter.ephemeral, (wanted) => (issue) => isEphemeral(issue) === wanted);
  when(filter.isTemplate, (wanted) => (issue) => (issue.is_template === true) === wanted);
  when(filter.text, (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (issue) => {
      const shown = [issue.id, issue.title, issue.description, ...(issue.labels ?? [])]
        .join("\n")
        .toLowerCase();
      return words.every((word) => shown.includes(word));
    };
  });
  if (filter.status === undefined && filter.ids === undefined) tests.push((issue) => !isTombstone(issue));
  return (issue) => tests.every((test) => test(issue));
}

/** The issues that a filter means, sorted. Without a sort they come in the order they were given. */
export function filterIssues(
  issues: Iterable<Issue>,
  filter: IssueFilter = {},
  sort?: IssueSort,
): readonly Issue[] {
  const matches = matcherOf(filter);
  const found: Issue[] = [];
  for (const issue of issues) if (matches(issue)) found.push(issue);
  const sorted = sort === undefined ? found : sortIssues(found, sort);
  return filter.limit === undefined ? sorted : sorted.slice(0, filter.limit);
}

/** Sorts a copy. */
export function sortIssues(issues: readonly Issue[], sort: IssueSort): readonly Issue[] {
  checkSort(sort);
  const { by, direction } = sort;
  const keyed = issues.map((issue) => ({ issue, key: keyOf(issue, by) }));
  const sign = direction === "descending" ? -1 : 1;
  return keyed
    .toSorted((a, b) => {
      if (a.key === undefined || b.key === undefined) {
        if (a.key !== b.key) return a.key === undefined ? 1 : -1;
      } else if (a.key !== b.key) return (a.key < b.key ? -1 : 1) * sign;
      return a.issue.id < b.issue.id ? -1 : a.issue.id > b.issue.id ? 1 : 0;
    })
    .map(({ issue }) => issue);
}

function keyOf(issue: Issue, by: IssueSort["by"]): string | number | undefined {
  switch (by) {
    case "id":
      return issue.id;
    case "title":
      return issue.title;
    case "status":
      return issue.status ?? "open";
    case "priority":
      return priorityOf(issue);
    case "created":
      return instantToMs(issue.created_at);
    case "updated":
      return instantToMs(issue.updated_at);
    case "due":
      return issue.due_at === undefined ? undefined : instantToMs(issue.due_at);
  }
}

function isChildOf(issue: Issue, parent: string): boolean {
  const byDependency = issue.dependencies?.some(
    ({ type, depends_on_id: target }) => type === "parent-child" && target === parent,
  );
  return byDependency === true || parentOf(issue.id)?.parent === parent;
}

function isOverdue(issue: Issue, nowMs: number): boolean {
  return issue.due_at !== undefined && !isFinished(issue) && instantToMs(issue.due_at) <= nowMs;
}
