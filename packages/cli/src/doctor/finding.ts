import type { Node } from "acorn";
import type { Source } from "./parse-source.ts";

/** Something that loses data, or will. */
export interface Finding {
  readonly rule: RuleName;
  readonly path: string;
  /** From 1; 0 where it is about the whole file. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to do instead. */
  readonly advice: string;
}

/** What is looked for, and what each means. */
export const rules = {
  "read-modify-write":
    "a file is read, changed and written with no lock between: two at once, and one change is gone",
  "fixed-temporary-name": "a temporary file has a fixed name: two writers at once write into one another's",
  "default-over-damage": "a file that cannot be parsed is taken for empty, and then written over",
  "write-without-lock": "the work goes on when the lock was not had",
  "exists-then-create": "a lock is looked for and then created in two steps: two can see it missing at once",
  "unlocked-append":
    "lines are appended without a lock: a torn line stays torn, and a rewrite by somebody else loses them",
  "torn-line": "the last line has no newline: it was cut short, or is being written",
  "damaged-json": "the content is not JSON",
  "conflict-markers": "git left conflict markers in the data",
  "left-over-file": "a temporary file that its writer left behind",
  "unsafe-lock": "a lock that does not keep everybody out, or only by chance",
  "stale-lock": "a lock that consists in being there, and whose holder is gone: it keeps everybody out",
  "network-file-system": "the data lies on a network file system, where locks may not reach other machines",
  "open-permissions": "anybody may write here, and so replace a lock",
  "unreadable-source": "the source could not be parsed, so it was not checked",
} as const;

export type RuleName = keyof typeof rules;

export function byPlace(one: Finding, other: Finding): number {
  return one.path.localeCompare(other.path) || one.line - other.line || one.column - other.column;
}

export function findingAt(
  { path }: Source,
  rule: RuleName,
  node: Node,
  message: string,
  advice: string,
): Finding {
  return { rule, path, line: lineOf(node), column: (node.loc?.start.column ?? 0) + 1, message, advice };
}

export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 0;
}
