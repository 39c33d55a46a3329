import { compareFencingTokens, isLeaseRecord } from "@flockwork/core";
import { compareInstants, instantAfter, instantToNs } from "../instant.ts";
import type { Comment, Dependency, Issue } from "../issue.ts";
import { canonicalJson, isRecord, sameJson } from "./json-value.ts";
import type { Report, Versions } from "./merge-conflict.ts";
import { mergeComments, mergeDependencies, mergeWords } from "./merge-lists.ts";

type Side = "ours" | "theirs";

/** Which side decides where both changed: the one that was changed last; between equals the greater text, whoever has it. */
export function laterSide({ ours, theirs }: Versions<Issue>): Side {
  const order = compareInstants(ours.updated_at, theirs.updated_at);
  if (order !== 0) return order > 0 ? "ours" : "theirs";
  return canonicalJson(ours) >= canonicalJson(theirs) ? "ours" : "theirs";
}

const words = new Set(["labels", "waiters"]);
/** Counts and levels that only say how far something got. */
const greatest = new Set([
  "compaction_level",
  "original_size",
  "dependency_count",
  "dependent_count",
  "comment_count",
]);
/** What goes with a status: taken from the side whose status won. */
const ofStatus = [
  "closed_at",
  "close_reason",
  "closed_by_session",
  "deleted_at",
  "deleted_by",
  "delete_reason",
];

/**
 * Merges two versions of one issue, field by field. A field that one side changed is as that side has it. Where both changed it:
 * `updated_at` is the later one, lists are merged as sets, objects member by member, notes that both only added to are joined;
 * for anything else the side that was changed last wins, and the conflict is reported.
 */
export function mergeIssue(versions: Versions<Issue>, report: Report): Issue {
  const { base, ours, theirs } = versions;
  if (sameJson(ours, theirs) || sameJson(theirs, base)) return ours;
  if (sameJson(ours, base)) return theirs;
  const later = laterSide(versions);
  const winner = versions[later];
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(winner), ...Object.keys(ours), ...Object.keys(theirs)])) {
    const field = { base: ownOf(base, key), ours: ownOf(ours, key), theirs: ownOf(theirs, key) };
    const value = mergeField(key, field, later, (path, kind = "both-changed") =>
      report({ kind, id: winner.id, path: [key, ...path.keys], ...path.values, took: later }),
    );
    if (value !== undefined) merged[key] = value;
  }
  settleStatus(merged, versions, later);
  const result = merged as Issue;
  if (sameJson(result, ours)) return ours;
  if (sameJson(result, theirs)) return theirs;
  if (instantToNs(winner.updated_at) === undefined) return result; // there is nothing to be later than
  // Neither side has seen this: other tools must take it for newer than both.
  const updatedAt = instantAfter(winner.updated_at, 0);
  // Behind the last instant that can be written there is none.
  return instantToNs(updatedAt) === undefined ? result : { ...result, updated_at: updatedAt };
}

type ReportField = (
  at: { readonly keys: readonly string[]; readonly values: Versions<unknown> },
  kind?: "both-changed",
) => void;

function mergeField(key: string, field: Versions<unknown>, later: Side, report: ReportField): unknown {
  const { base, ours, theirs } = field;
  if (key === "updated_at") return field[later];
  if (sameJson(ours, theirs) || sameJson(theirs, base)) return ours;
  if (sameJson(ours, base)) return theirs;
  if (words.has(key) && areLists(field, isWord)) return orNone(mergeWords(lists<string>(field)));
  if (key === "dependencies" && areLists(field, isRecord))
    return orNone(mergeDependencies(lists<Dependency>(field)));
  if (key === "comments" && areLists(field, isRecord)) return orNone(mergeComments(lists<Comment>(field)));
  if (greatest.has(key) && typeof ours === "number" && typeof theirs === "number")
    return Math.max(ours, theirs);
  if (key === "notes") {
    const joined = joinNotes(field);
    if (joined !== undefined) return joined;
  }
  if (key === "flockwork_lease" && isLeaseRecord(ours) && isLeaseRecord(theirs))
    return compareFencingTokens(ours.token, theirs.token) >= 0 ? ours : theirs;
  if (isRecord(ours) && isRecord(theirs) && (base === undefined || isRecord(base)))
    return mergeMembers({ base, ours, theirs }, later, report, [], 0);
  report({ keys: [], values: field });
  return field[later];
}

/** A member, and not what every object has by that name. */
function ownOf(value: Readonly<Record<string, unknown>> | undefined, key: string): unknown {
  return value !== undefined && Object.hasOwn(value, key) ? value[key] : undefined;
}

const deepest = 100;

function mergeMembers(
  { base, ours, theirs }: Versions<Readonly<Record<string, unknown>>>,
  later: Side,
  report: ReportField,
  path: readonly string[],
  depth: number,
): unknown {
  const merged: Record<string, unknown> = {};
  for (const key of new Set([
    ...Object.keys(later === "ours" ? ours : theirs),
    ...Object.keys(ours),
    ...Object.keys(theirs),
  ])) {
    const field = { base: ownOf(base, key), ours: ownOf(ours, key), theirs: ownOf(theirs, key) };
    let value: unknown;
    if (sameJson(field.ours, field.theirs) || sameJson(field.theirs, field.base)) value = field.ours;
    else if (sameJson(field.ours, field.base)) value = field.theirs;
    else if (depth < deepest && isRecord(field.ours) && isRecord(field.theirs)) {
      const members = {
        base: isRecord(field.base) ? field.base : undefined,
        ours: field.ours,
        theirs: field.theirs,
      };
      value = mergeMembers(members, later, report, [...path, key], depth + 1);
    } else {
      report({ keys: [...path, key], values: field });
      value = field[later];
    }
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Both sides only added to the notes: both additions, in an order that does not depend on the side. */
function joinNotes({ base = "", ours, theirs }: Versions<unknown>): string | undefined {
  if (typeof base !== "string" || typeof ours !== "string" || typeof theirs !== "string") return undefined;
  if (!ours.startsWith(base) || !theirs.startsWith(base)) return undefined;
  const additions = [ours.slice(base.length), theirs.slice(base.length)];
  const [first = "", second = ""] = additions.toSorted();
  // One side may have the addition of the other already, from an earlier merge.
  if (second.includes(first.trim())) return base + second;
  if (first.includes(second.trim())) return base + first;
  return `${base}${first}${first.endsWith("\n") || second.startsWith("\n") ? "" : "\n"}${second}`;
}

/** Where both changed the status, what goes with it comes from the same side. `closed_at` is there where it must be, and only there. */
function settleStatus(merged: Record<string, unknown>, versions: Versions<Issue>, later: Side): void {
  const { base, ours, theirs } = versions;
  const [winner, other] = later === "ours" ? [ours, theirs] : [theirs, ours];
  if (ours.status === theirs.status) return;
  if (ours.status !== base?.status && theirs.status !== base?.status) {
    for (const key of ofStatus) {
      if (winner[key] === undefined) delete merged[key];
      else merged[key] = winner[key];
    }
    return;
  }
  const { status, closed_at: closedAt } = merged;
  const source = winner.status === status ? winner : other;
  if (status === "closed" && closedAt === undefined) {
    if (source.closed_at !== undefined) merged["closed_at"] = source.closed_at;
  } else if (status !== "closed" && source.closed_at === undefined) delete merged["closed_at"];
}

/** Whether all versions are lists of elements of one kind, or nothing. Anything else is merged whole: no element of it may get lost. */
function areLists(
  { base, ours, theirs }: Versions<unknown>,
  isElement: (element: unknown) => boolean,
): boolean {
  return [base, ours, theirs].every(
    (value) => value === undefined || value === null || (Array.isArray(value) && value.every(isElement)),
  );
}

function isWord(element: unknown): boolean {
  return typeof element === "string";
}

function lists<T>({ base, ours, theirs }: Versions<unknown>): Versions<readonly T[]> {
  const list = (value: unknown): readonly T[] => (Array.isArray(value) ? (value as readonly T[]) : []);
  return { base: list(base), ours: list(ours), theirs: list(theirs) };
}

function orNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
