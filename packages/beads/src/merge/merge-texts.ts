import type { Issue } from "../issue.ts";
import { editLine, kindOf, lineOfIssue } from "../issue-line.ts";
import { nameOf, readWholeText, type IssueText, type IssueTextLine } from "../issue-text.ts";
import { canonicalJson, sameJson } from "./json-value.ts";
import type { MergeConflict, MergePolicy, Report } from "./merge-conflict.ts";
import { mergeIssues } from "./merge-issues.ts";
import { mergeOrder } from "./merge-lists.ts";

/** Three texts, and what they are called in errors. */
export interface MergeTexts {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly paths?: { readonly base: string; readonly ours: string; readonly theirs: string } | undefined;
}

/** A text merged. */
export interface MergedText {
  readonly text: string;
  readonly conflicts: readonly MergeConflict[];
}

/**
 * Merges whole issue files, as {@link mergeIssues} merges their issues. Lines that one side has unchanged keep its bytes;
 * the header of an export and memory lines are merged whole.
 *
 * @throws {ConflictMarkersError | LogCorruptError} one of the texts is no issue file; the error names the line.
 */
export function mergeIssueTexts(texts: MergeTexts, policy: MergePolicy = {}): MergedText {
  const { paths = { base: "base", ours: "ours", theirs: "theirs" } } = texts;
  const [base, ours, theirs] = (["base", "ours", "theirs"] as const).map((side) =>
    bySide(readWholeText(paths[side], texts[side])),
  ) as [Side, Side, Side];
  const { issues, conflicts } = mergeIssues(base.issues, ours.issues, theirs.issues, policy);
  const all = [...conflicts];
  const lines = new Map(issues.map((issue) => [issue.id, lineOf(issue, base, ours, theirs)]));
  for (const key of mergeOrder(ours.others, theirs.others)) {
    const line = mergeOther(key, base, ours, theirs, (conflict) => void all.push(conflict));
    if (line !== undefined) lines.set(key, line);
  }
  const order = mergeOrder([...ours.lines.keys()], [...theirs.lines.keys()]);
  const known = new Set(order);
  const renamed = [...lines.keys()].filter((key) => !known.has(key));
  const text = [...order, ...renamed].flatMap((key) => lines.get(key) ?? []);
  const mark = ours.marked || theirs.marked ? "\uFEFF" : "";
  return { text: text.length === 0 ? "" : `${mark}${text.join("\n")}\n`, conflicts: all };
}

interface Side {
  readonly issues: readonly Issue[];
  /** Keys of the lines that are no issues. */
  readonly others: readonly string[];
  /** By key, the last line of each. */
  readonly lines: ReadonlyMap<string, IssueTextLine>;
  readonly marked: boolean;
}

function bySide({ lines, byteOrderMark }: IssueText): Side {
  const last = new Map<string, IssueTextLine>();
  for (const line of lines) last.set(line.key, line);
  const isIssue = (line: IssueTextLine): boolean => kindOf(line.record) === "issue";
  return {
    issues: [...last.values()].filter(isIssue).map(({ record }) => record as Issue),
    others: [...last.values()].filter((line) => !isIssue(line)).map(({ key }) => key),
    lines: last,
    marked: byteOrderMark,
  };
}

/** The bytes of a side that has the issue as it is to be; else those of a side, edited. */
function lineOf(issue: Issue, base: Side, ours: Side, theirs: Side): string {
  const [our, their] = [ours.lines.get(issue.id), theirs.lines.get(issue.id)];
  const same = [our, their].filter((line) => line !== undefined && sameJson(line.record, issue));
  if (same.length > 0) return spelling(same as IssueTextLine[], base.lines.get(issue.id)?.text);
  const near = [our, their].filter((line) => line !== undefined);
  const [from] = near.toSorted((a, b) => (canonicalJson(a.record) < canonicalJson(b.record) ? 1 : -1));
  if (from === undefined) return lineOfIssue(issue);
  const fields: Record<string, unknown> = {};
  const gone = Object.keys(from.record).filter(
    (key) => !Object.hasOwn(issue, key) || issue[key] === undefined,
  );
  for (const [key, value] of Object.entries(issue))
    if (!sameJson(value, from.record[key])) fields[key] = value;
  return editLine(from.text, fields, gone);
}

/** Of two spellings of one value, the one that a side chose: not that of the base. */
function spelling(lines: readonly IssueTextLine[], base: string | undefined): string {
  const texts = lines.map(({ text }) => text).toSorted();
  return texts.find((text) => text !== base) ?? texts[0] ?? "";
}

/** A header or a memory line: one side's change of it, or the greater one where both changed it. */
function mergeOther(key: string, base: Side, ours: Side, theirs: Side, report: Report): string | undefined {
  const [before, our, their] = [base.lines.get(key), ours.lines.get(key), theirs.lines.get(key)];
  if (our?.text === their?.text) return our?.text;
  if (our?.text === before?.text) return their?.text;
  if (their?.text === before?.text) return our?.text;
  const took = (our?.text ?? "") >= (their?.text ?? "") ? "ours" : "theirs";
  const values = { base: before?.record, ours: our?.record, theirs: their?.record };
  const winner = took === "ours" ? our : their;
  if (winner === undefined) return undefined;
  report({ kind: "both-changed", id: nameOf(winner.record), path: [], ...values, took });
  return winner.text;
}
