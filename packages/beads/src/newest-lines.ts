import type { LogEntry } from "@flockwork/core";
import { compareInstants } from "./instant.ts";
import { kindOf, type IssueRecord } from "./issue-line.ts";
import type { Issue } from "./issue.ts";

/**
 * One entry for each id: the last one, as everybody reads the file, unless an earlier one is newer by `updated_at`: then lines
 * of two histories were thrown together, and the newest counts. It stands where the first one stood.
 */
export function newestLines(entries: readonly LogEntry<IssueRecord>[]): readonly LogEntry<IssueRecord>[] {
  const lines = new Map<string, LogEntry<IssueRecord>>();
  entries.forEach((entry, at) => {
    const { record } = entry;
    if (kindOf(record) !== "issue") {
      lines.set(`line ${at}`, entry);
      return;
    }
    const issue = record as Issue;
    const before = lines.get(issue.id)?.record as Issue | undefined;
    if (before === undefined || compareInstants(issue.updated_at, before.updated_at) >= 0)
      lines.set(issue.id, entry);
  });
  return [...lines.values()];
}
