import { RecordLine, type StoreEntry } from "@flockwork/core";
import { IssueState } from "./issue-state.ts";
import { kindOf, type IssueRecord } from "./issue-line.ts";
import type { ChangedIssue, IssueSource } from "./issues-draft.ts";

/** What the entries of a log add up to. Their lines are at hand anyway: they are not kept once more. */
export function foldEntries(entries: readonly StoreEntry<IssueRecord>[]): IssueSource {
  const state = new IssueState();
  const last = new Map<string, StoreEntry<IssueRecord>>();
  for (const entry of entries) {
    state.apply(entry.record, entry);
    if (kindOf(entry.record) === "issue") last.set(entry.record["id"] as string, entry);
  }
  return {
    issues: state.issues,
    get: (id) => state.get(id),
    textOf: (id) => last.get(id)?.text,
  };
}

/**
 * One line for each issue: the last one, where the first one stood; changed issues with their new lines, new ones at the end.
 * Sorted: the header first, issues by id, memory lines last, as bd writes them.
 */
export function oneLineEach(
  entries: readonly StoreEntry<IssueRecord>[],
  changed: ReadonlyMap<string, ChangedIssue>,
  sorted: boolean,
): readonly (StoreEntry<IssueRecord> | RecordLine)[] {
  const lines = new Map<string, StoreEntry<IssueRecord> | RecordLine>();
  const [headers, memories] = [[], []] as [StoreEntry<IssueRecord>[], StoreEntry<IssueRecord>[]];
  entries.forEach((entry, at) => {
    const { record } = entry;
    const kind = kindOf(record);
    if (kind === "issue") lines.set(record["id"] as string, entry);
    else if (!sorted) lines.set(`line ${at}`, entry);
    else (kind === "header" ? headers : memories).push(entry);
  });
  for (const [id, { text }] of changed) lines.set(id, new RecordLine(text));
  if (!sorted) return [...lines.values()];
  const issues = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  return [...headers, ...issues, ...memories];
}
