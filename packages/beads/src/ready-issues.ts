import { checkReady } from "./check-questions.ts";
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
  /** One of these statuses. Default: `open` alone, as what is in progress is somebody's. */
  readonly status?: string | readonly string[] | undefined;
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
 *
 * @param unfinished - Those of `issues` that are neither closed nor deleted, where they are known: saves looking at the others.
 */
export function readyIssues(
  issues: IssueMap,
  options: ReadyOptions = {},
  unfinished?: IssueMap,
): readonly Issue[] {
  checkReady(options);
  const candidates = function* (): Generator<Candidate> {
    for (const issue of (unfinished ?? issues).values()) yield candidateOf(issue);
  };
  return selectReady(candidates(), new IssueGraph(issues, unfinished), options, false);
}

/** Those of the candidates that are ready. @param inOrder - They come in the order `"priority"`. */
export function selectReady(
  candidates: Iterable<Candidate>,
  graph: IssueGraph,
  options: ReadyOptions,
  inOrder: boolean,
): readonly Issue[] {
  const { order = "priority", nowMs = Date.now(), limit = Infinity } = options;
  const isReady = readyTest(graph, { ...options, nowMs });
  const ready: Candidate[] = [];
  for (const candidate of candidates) if (isReady(candidate)) ready.push(candidate);
  const sorted = inOrder && order === "priority" ? ready : sortReady(ready, order, nowMs);
  return (limit < sorted.length ? sorted.slice(0, limit) : sorted).map(({ issue }) => issue);
}

/** Whether a candidate is what the options ask for, limit and order aside. */
export function readyTest(
  graph: IssueGraph,
  options: ReadyOptions & { readonly nowMs: number },
): (candidate: Candidate) => boolean {
  const { limit: _, order: __, status = "open", nowMs, ephemeral, ...filter } = options;
  const statuses = new Set<string>(typeof status === "string" ? [status] : status);
  const matches = isAny(filter) ? matcherOf(filter, nowMs) : undefined;
  return (candidate) => {
    const { issue } = candidate;
    if (!statuses.has(candidate.status) || candidate.isSetAside || candidate.deferMs > nowMs) return false;
    if (candidate.isEphemeral && ephemeral !== true) return false;
    if (candidate.isNoWork && options.type === undefined) return false;
    if (matches !== undefined && !matches(issue)) return false;
    return !(candidate.hasDependencies && graph.isBlocked(issue));
  };
}

/** Whether nothing is asked for but all that is ready, in the usual order. */
export function asksForAll(options: ReadyOptions): boolean {
  const { order = "priority" } = options;
  return order === "priority" && !isAny({ ...options, limit: undefined, nowMs: undefined, order: undefined });
}

function isAny(options: object): boolean {
  return Object.values(options).some((value) => value !== undefined);
}

/** What is looked at in every issue, every time: kept in objects of one shape, which are several times faster to read. */
export interface Candidate {
  readonly issue: Issue;
  readonly status: string;
  readonly priority: number;
  readonly createdMs: number;
  readonly deferMs: number;
  readonly dueMs: number;
  /** Pinned, or a template. */
  readonly isSetAside: boolean;
  readonly isEphemeral: boolean;
  readonly isNoWork: boolean;
  readonly hasDependencies: boolean;
}

const known = new WeakMap<Issue, Candidate>();

export function candidateOf(issue: Issue): Candidate {
  const before = known.get(issue);
  if (before !== undefined) return before;
  const { dependencies, defer_until: deferUntil } = issue;
  const candidate = {
    issue,
    status: issue.status ?? "open",
    priority: priorityOf(issue),
    createdMs: instantToMs(issue.created_at),
    deferMs: deferUntil === undefined ? -Infinity : instantToMs(deferUntil),
    dueMs: issue.due_at === undefined ? Infinity : instantToMs(issue.due_at),
    isSetAside: issue.pinned === true || issue.is_template === true,
    isEphemeral: isEphemeral(issue),
    isNoWork: noWork.has(issue.issue_type ?? "task"),
    hasDependencies: (dependencies?.length ?? 0) > 0,
  };
  known.set(issue, candidate);
  return candidate;
}

/** The order `"priority"`: the most important first, then the oldest, then by id. Total. */
export function compareByPriority(a: Candidate, b: Candidate): number {
  return compare(a.priority, b.priority) || byAge(a, b);
}

function byAge(a: Candidate, b: Candidate): number {
  return compare(a.createdMs, b.createdMs) || compareIds(a.issue.id, b.issue.id);
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortReady(ready: readonly Candidate[], order: ReadyOrder, nowMs: number): readonly Candidate[] {
  const oldMs = order === "hybrid" ? nowMs - twoDaysMs : Infinity;
  switch (order) {
    case "priority":
      return ready.toSorted(compareByPriority);
    case "oldest":
      return ready.toSorted(byAge);
    case "due":
      return ready.toSorted((a, b) => compare(a.dueMs, b.dueMs) || compareByPriority(a, b));
    case "hybrid":
      return ready.toSorted((a, b) => {
        const [aOld, bOld] = [a.createdMs < oldMs, b.createdMs < oldMs];
        if (aOld !== bOld) return aOld ? 1 : -1;
        return (aOld ? 0 : compare(a.priority, b.priority)) || byAge(a, b);
      });
  }
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
