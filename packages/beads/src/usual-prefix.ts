import type { IssueMap } from "./issue-graph.ts";
import { prefixOf } from "./issue-id.ts";
import { isTombstone } from "./issue-status.ts";

const found = new WeakMap<IssueMap, string>();

/**
 * What the ids of most issues begin with, `bd` where there are none. Worked out once for each reading of a file from its beginning:
 * what creating an issue costs must not grow with how many there are.
 */
export function usualPrefix(issues: IssueMap): string {
  const known = found.get(issues);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const issue of issues.values()) {
    const prefix = isTombstone(issue) ? undefined : prefixOf(issue.id);
    if (prefix !== undefined) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  if (most === undefined) return "bd";
  found.set(issues, most[0]);
  return most[0];
}
