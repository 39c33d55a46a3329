import { instantToMs } from "./instant.ts";
import { IssueGraph, type IssueMap } from "./issue-graph.ts";
import { isFinished, isTombstone, priorityOf } from "./issue-status.ts";
import { readyIssues } from "./ready-issues.ts";

/** How many issues there are of which kind. */
export interface IssueStats {
  /** Without tombstones. */
  readonly total: number;
  readonly tombstones: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byType: Readonly<Record<string, number>>;
  /** Of those not finished. */
  readonly byPriority: Readonly<Record<string, number>>;
  readonly ready: number;
  /** Not finished, and waiting for something. */
  readonly blocked: number;
  /** Not finished and past `due_at`. */
  readonly overdue: number;
  /** Milliseconds from creation to closing, of those closed that tell both instants; undefined where none does. */
  readonly averageLeadMs: number | undefined;
}

/** Counts issues. @param nowMs - Milliseconds since 1970. */
export function issueStats(issues: IssueMap, nowMs: number = Date.now()): IssueStats {
  const [byStatus, byType, byPriority] = [new Map(), new Map(), new Map()] as [Counts, Counts, Counts];
  const graph = new IssueGraph(issues);
  let [total, blocked, overdue, leadMs, closed] = [0, 0, 0, 0, 0];
  for (const issue of issues.values()) {
    if (isTombstone(issue)) continue;
    total += 1;
    countOne(byStatus, issue.status ?? "open");
    countOne(byType, issue.issue_type ?? "task");
    if (issue.status === "closed" && issue.closed_at !== undefined) {
      const lead = instantToMs(issue.closed_at) - instantToMs(issue.created_at);
      if (Number.isFinite(lead)) {
        closed += 1;
        leadMs += Math.max(0, lead);
      }
    }
    if (isFinished(issue)) continue;
    countOne(byPriority, String(priorityOf(issue)));
    if (graph.isBlocked(issue)) blocked += 1;
    if (issue.due_at !== undefined && instantToMs(issue.due_at) <= nowMs) overdue += 1;
  }
  return {
    total,
    tombstones: issues.size - total,
    byStatus: Object.fromEntries(byStatus),
    byType: Object.fromEntries(byType),
    byPriority: Object.fromEntries(byPriority),
    ready: readyIssues(issues, { nowMs }).length,
    blocked,
    overdue,
    averageLeadMs: closed === 0 ? undefined : leadMs / closed,
  };
}

type Counts = Map<string, number>;

function countOne(counts: Counts, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
