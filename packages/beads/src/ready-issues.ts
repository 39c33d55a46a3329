import { instantToMs } from "./instant.ts";
import { IssueGraph, type IssueMap } from "./issue-graph.ts";
import { matcherOf, type IssueFilter } from "./issue-filter.ts";
import { isEphemeral, priorityOf } from "./issue-status.ts";
import type { Issue } from "./issue.ts";

/** In which order ready issues come. Ties are broken by age, then by id. */
export type ReadyOrder =
  /** Most important first. The default. */
  | "priority"
  /** Oldest first. */
  | "oldest"
  /** What is due first, first; then by priority. */
  | "due"
  /** bd's old default: what is younger than two days by priority, then the rest, oldest first. */
  | "hybrid";

/** What to look for among ready issues. */
export interface ReadyOptions extends Omit<IssueFilter, "status" | "text"> {
  /** Default `"priority"`. */
  readonly order?: ReadyOrder | undefined;
  /** Statuses that count. Default: `open` alone, as what is in progress is somebody's. */
  readonly status?: readonly string[] | undefined;
  /** The time that `defer_until` is compared with, in milliseconds since 1970. Default: now. */
  readonly nowMs?: number | undefined;
  /** Also passing issues (`ephemeral`). Default false. */
  readonly ephemeral?: boolean | undefined;
  /** At most so many. Default: all. */
  readonly limit?: number | undefined;
}

/** Kinds that are no work by themselves: bd leaves them out too. A filter for a type brings it back. */
const noWork: ReadonlySet<string> = new Set([
  "merge-request",
  "gate",
  "molecule",
  "message",
  "event",
  "agent",
  "role",
  "rig",
]);
const twoDaysMs = 48 * 60 * 60 * 1_000;

/**
 * The issues that can be worked on now: open, not blocked (see {@link IssueGraph}), not deferred to later, no templates and
 * not pinned. Members of a dependency circle are never among them.
 */
export function readyIssues(
  issues: IssueMap,
  options: ReadyOptions = {},
  candidates: Iterable<Issue> = issues.values(),
): readonly Issue[] {
  const { order = "priority", status = ["open"], nowMs = Date.now(), limit = Infinity } = options;
  const statuses = new Set(status);
  const graph = new IssueGraph(issues);
  const matches = matcherOf({ ...options, status: undefined, limit: undefined, ephemeral: undefined }, nowMs);
  const ready: Issue[] = [];
  for (const issue of candidates) {
    if (!statuses.has(issue.status ?? "open")) continue;
    if (issue.pinned === true || issue.is_template === true) continue;
    if (isEphemeral(issue) && options.ephemeral !== true) continue;
    if (options.type === undefined && noWork.has(issue.issue_type ?? "task")) continue;
    if (issue.defer_until !== undefined && instantToMs(issue.defer_until) > nowMs) continue;
    if (!matches(issue) || graph.isBlocked(issue)) continue;
    ready.push(issue);
  }
  const sorted = sortReady(ready, order, nowMs);
  return limit < sorted.length ? sorted.slice(0, limit) : sorted;
}

interface Keyed {
  readonly issue: Issue;
  readonly priority: number;
  readonly createdMs: number;
  readonly group: number;
}

function sortReady(issues: readonly Issue[], order: ReadyOrder, nowMs: number): readonly Issue[] {
  const keyed = issues.map((issue): Keyed => {
    const createdMs = createdMsOf(issue);
    const isOld = createdMs < nowMs - twoDaysMs;
    const byAgeOnly = order === "oldest" || (order === "hybrid" && isOld);
    return {
      issue,
      priority: byAgeOnly ? 0 : priorityOf(issue),
      createdMs,
      group: order === "due" ? dueMs(issue) : order === "hybrid" && isOld ? 1 : 0,
    };
  });
  const sorted = keyed.toSorted(
    (a, b) =>
      compare(a.group, b.group) ||
      a.priority - b.priority ||
      compare(a.createdMs, b.createdMs) ||
      (a.issue.id < b.issue.id ? -1 : 1),
  );
  return sorted.map(({ issue }) => issue);
}

/** Parsing an instant costs as much as the rest of a look at an issue: done once for each. */
const createdAt = new WeakMap<Issue, number>();

function createdMsOf(issue: Issue): number {
  let ms = createdAt.get(issue);
  if (ms === undefined) createdAt.set(issue, (ms = instantToMs(issue.created_at)));
  return ms;
}

function dueMs(issue: Issue): number {
  return issue.due_at === undefined ? Infinity : instantToMs(issue.due_at);
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
