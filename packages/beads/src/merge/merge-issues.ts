import { checkWord } from "../check-questions.ts";
import { instantToNs, compareInstants } from "../instant.ts";
import {
  canHaveChildren,
  childId,
  freeHashId,
  longestId,
  longestPrefix,
  parentOf,
  prefixOf,
} from "../issue-id.ts";
import { isTombstone } from "../issue-status.ts";
import type { Issue } from "../issue.ts";
import { sameJson } from "./json-value.ts";
import type { MergeConflict, MergePolicy, MergeResult, Report, Versions } from "./merge-conflict.ts";
import { laterSide, mergeIssue } from "./merge-issue.ts";
import { mergeOrder } from "./merge-lists.ts";

/**
 * Merges two descendants of one list of issues: issue by issue, and field by field within them.
 *
 * An issue that one side added is there; one that a side took out and the other left alone is gone. The result depends on the
 * three lists alone, not on time or place, and not on which side is which; merging its result again changes nothing. What both sides
 * changed in different ways is decided by fixed rules and reported in `conflicts`; nothing in the issues tells of it.
 *
 * Of several issues of one id within one list, the last one counts.
 *
 * @param base - What both sides began with; empty where that is not known: then nothing counts as taken out.
 */
export function mergeIssues(
  base: readonly Issue[],
  ours: readonly Issue[],
  theirs: readonly Issue[],
  policy: MergePolicy = {},
): MergeResult {
  if (policy.deleteVersusModify !== undefined)
    checkWord("deleteVersusModify", policy.deleteVersusModify, ["modify", "delete"]);
  const conflicts: MergeConflict[] = [];
  const report: Report = (conflict) => void conflicts.push(conflict);
  const [before, our, their] = [base, ours, theirs].map(byId) as [Issues, Issues, Issues];
  const merged = new Map<string, Issue>();
  const twins: Twin[] = [];
  for (const id of mergeOrder([...our.keys()], [...their.keys()])) {
    const versions = { base: before.get(id), ours: our.get(id), theirs: their.get(id) };
    const issue = isTwin(versions) ? keepEarlier(versions, twins) : mergeOne(versions, policy, report);
    if (issue !== undefined) merged.set(id, issue);
  }
  for (const twin of twins) addTwin(merged, twin, { before, our, their }, report);
  return { issues: [...merged.values()], conflicts };
}

type Issues = ReadonlyMap<string, Issue>;
type MaybeVersions = Versions<Issue | undefined>;

function byId(issues: readonly Issue[]): Issues {
  return new Map(issues.map((issue) => [issue.id, issue]));
}

function mergeOne(versions: MaybeVersions, policy: MergePolicy, report: Report): Issue | undefined {
  const { base, ours, theirs } = versions;
  if (ours !== undefined && theirs !== undefined) return mergeBoth({ base, ours, theirs }, report);
  const left = ours ?? theirs;
  if (base === undefined || left === undefined) return left;
  if (sameJson(left, base)) return undefined; // taken out by one side, left alone by the other
  const keeps = isTombstone(left) || policy.deleteVersusModify !== "delete";
  const took = keeps === (ours !== undefined) ? "ours" : "theirs";
  report({ kind: "delete-modify", id: left.id, path: [], base, ours, theirs, took });
  return keeps ? left : undefined;
}

function mergeBoth(versions: Versions<Issue>, report: Report): Issue {
  const { base, ours, theirs } = versions;
  if (isTombstone(ours) === isTombstone(theirs)) return mergeIssue(versions, report);
  const took = isTombstone(ours) ? "ours" : "theirs";
  const [tombstone, living] = took === "ours" ? [ours, theirs] : [theirs, ours];
  if (base !== undefined && sameJson(tombstone, base)) return living; // brought back to life on purpose
  if (base !== undefined && isTombstone(base)) return mergeIssue(versions, report);
  if (base === undefined || !sameJson(living, base))
    report({ kind: "delete-modify", id: ours.id, path: [], base, ours, theirs, took });
  return tombstone;
}

/** Two issues that were made apart and got one id. */
interface Twin {
  readonly issue: Issue;
  readonly side: "ours" | "theirs";
  readonly versions: Versions<Issue>;
}

function isTwin({ base, ours, theirs }: MaybeVersions): boolean {
  if (base !== undefined || ours === undefined || theirs === undefined) return false;
  return !isSameBirth(ours, theirs);
}

/** Imports of bd gave old issues new times: those alone do not make two issues. */
function isSameBirth(one: Issue, other: Issue): boolean {
  return one.title === other.title || compareInstants(one.created_at, other.created_at) === 0;
}

/** The one that was made first keeps the id: others are more likely to name it. */
function keepEarlier(versions: MaybeVersions, twins: Twin[]): Issue | undefined {
  const { ours, theirs } = versions;
  if (ours === undefined || theirs === undefined) return ours ?? theirs;
  const both = { base: undefined, ours, theirs };
  const order = compareInstants(ours.created_at, theirs.created_at);
  const side = order === 0 ? laterSide(both) : order > 0 ? "ours" : "theirs";
  twins.push({ issue: both[side], side, versions: both });
  return side === "ours" ? theirs : ours;
}

/** Adds an issue under a new id, and lets those that only its own side has depend on that. */
function addTwin(
  merged: Map<string, Issue>,
  { issue, side, versions }: Twin,
  { before, our, their }: { readonly before: Issues; readonly our: Issues; readonly their: Issues },
  report: Report,
): void {
  // A merge of a merge finds the one that was renamed then.
  const known = [...merged.values()].find(
    (each) =>
      each.id !== issue.id &&
      each.title === issue.title &&
      compareInstants(each.created_at, issue.created_at) === 0,
  );
  const renamedTo = known?.id ?? freeId(issue, merged);
  report({ kind: "same-id", id: issue.id, path: [], ...versions, took: "both", renamedTo });
  const [own, other] = side === "ours" ? [our, their] : [their, our];
  if (known === undefined) merged.set(renamedTo, renamed(issue, issue.id, renamedTo));
  for (const [id, each] of merged) {
    if (id !== renamedTo && own.has(id) && !other.has(id) && !before.has(id))
      merged.set(id, renamed(each, issue.id, renamedTo));
  }
}

function freeId(issue: Issue, taken: ReadonlyMap<string, Issue>): string {
  const child = parentOf(issue.id);
  if (child !== undefined && canHaveChildren(child.parent)) {
    let { number } = child;
    while (taken.has(childId(child.parent, number))) number += 1;
    const id = childId(child.parent, number);
    if (id.length <= longestId) return id;
  }
  const creator: unknown = issue.created_by;
  const source = {
    title: issue.title,
    description: issue.description ?? "",
    creator: typeof creator === "string" ? creator : "",
    createdNs: instantToNs(issue.created_at) ?? 0n,
  };
  return freeHashId(prefixFor(issue.id), source, taken.size, (id) => taken.has(id));
}

function prefixFor(id: string): string {
  const prefix = prefixOf(id) ?? "bd";
  return prefix.length <= longestPrefix ? prefix : "bd";
}

function renamed(issue: Issue, from: string, to: string): Issue {
  const swap = (id: string): string => (id === from ? to : id);
  // Other programs write null for an empty list.
  const { dependencies, comments }: { readonly [K in keyof Issue]?: Issue[K] | null } = issue;
  const touched = issue.id === from || dependencies?.some(({ depends_on_id: target }) => target === from);
  if (touched !== true) return issue;
  return {
    ...issue,
    id: swap(issue.id),
    ...(dependencies && {
      dependencies: dependencies.map((each) => ({
        ...each,
        issue_id: swap(each.issue_id),
        depends_on_id: swap(each.depends_on_id),
      })),
    }),
    ...(comments &&
      issue.id === from && { comments: comments.map((comment) => ({ ...comment, issue_id: to })) }),
  };
}
