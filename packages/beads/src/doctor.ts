import { listDirectory } from "@flockwork/core";
import { findCycles } from "./dependency-cycles.ts";
import { duplicateKeyOf } from "./duplicate-key.ts";
import { damageOf, issuesFile, lineFiles } from "./file-damage.ts";
import { compareInstants } from "./instant.ts";
import { kindOf, withExactIntegers, type IssueRecord } from "./issue-line.ts";
import { faultsOfIssue } from "./issue-rules.ts";
import { isTombstone } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import { exportHeaderSchema, memoryLineSchema } from "./neighbour-files.ts";

/** One thing that is not as it should be. */
export interface Finding {
  readonly kind:
    /** A line that cannot be read. `repair` moves it aside. */
    | "bad-line"
    /** A marker of git. `repair` merges both sides. */
    | "conflict-marker"
    /** The last line has no end: a crash cut it, or somebody is writing. `repair` moves it aside. */
    | "torn-tail"
    /** A line of an id that has a later line, which is older. `repair` keeps the newest. */
    | "duplicate-id"
    /** A line that says something twice: the last counts, and what came before it is seen by nobody. */
    | "duplicate-key"
    /** A dependency on an issue that is not there. */
    | "orphan-dependency"
    /** Issues that wait for each other. */
    | "cycle"
    /** An issue, a memory line or a header that breaks a rule of the format. */
    | "invalid-issue"
    /** A temporary file of a fixed name, left behind by a program that died. */
    | "leftover-file";
  readonly file: string;
  /** Counted from 1, where there is one. */
  readonly line?: number | undefined;
  readonly id?: string | undefined;
  /** In a sentence. */
  readonly message: string;
}

/** What is wrong with a `.beads` directory. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Issues that could be read. */
  readonly issues: number;
  /** Lines that later lines of the same id made void: normal between two compactions. */
  readonly voidLines: number;
  /** Whether `repair` has something to do. */
  readonly repairable: boolean;
}

/** What `repair` puts right. */
export const repairableKinds: ReadonlySet<Finding["kind"]> = new Set<Finding["kind"]>([
  "bad-line",
  "conflict-marker",
  "torn-tail",
  "duplicate-id",
]);

/**
 * Looks at `issues.jsonl` and what lies beside it; of the other files, at their lines alone. Takes no lock and changes nothing.
 * @throws {ReadFailedError | UnsafePathError} a file cannot be opened.
 */
export async function doctor(directory: string): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const report = (finding: Omit<Finding, "file">, file: string = issuesFile): void =>
    void findings.push({ file, ...finding });
  const lines = new Lines();
  findings.push(...(await damageOf(directory, issuesFile, lines)));
  for (const { line, id, later } of lines.stale)
    report({ kind: "duplicate-id", line, id, message: `line ${later} has the same id and is older` });
  for (const { line, id, key } of lines.repeating)
    report({
      kind: "duplicate-key",
      line,
      id,
      message: `${JSON.stringify(key)} is there twice: the last one counts`,
    });
  for (const found of lines.invalid) report({ kind: "invalid-issue", ...found });
  for (const [id, { issue, line }] of lines.issues) {
    for (const { message, path } of faultsOfIssue(issue))
      report({ kind: "invalid-issue", line, id, message: `${path.join(".")}: ${message}` });
    for (const { depends_on_id: target } of issue.dependencies ?? []) {
      if (target.startsWith("external:") || lines.issues.has(target) || isTombstone(issue)) continue;
      report({ kind: "orphan-dependency", line, id, message: `it depends on ${target}, which is not there` });
    }
  }
  const issues = new Map([...lines.issues].map(([id, { issue }]) => [id, issue]));
  for (const cycle of findCycles(issues))
    report({ kind: "cycle", id: cycle[0], message: `${cycle.join(" → ")}: none of them can become ready` });
  for (const file of Object.keys(lineFiles))
    if (file !== issuesFile) findings.push(...(await damageOf(directory, file, nobody)));
  const entries = listDirectory(directory) ?? [];
  for (const { name } of entries.filter(({ name, kind }) => kind === "file" && isLeftover(name)))
    report({ kind: "leftover-file", message: "a temporary file; remove it once no program runs" }, name);
  const repairable = findings.some(({ kind }) => repairableKinds.has(kind));
  return { findings, issues: issues.size, voidLines: lines.voidLines, repairable };
}

/** What bd, Gas Town and others call their temporary files. Ours are swept by our next writer. */
function isLeftover(name: string): boolean {
  return /\.jsonl\.tmp(\.|$)|^\.~.*\.jsonl\.|^\.truncate\.tmp$|\.json\.tmp$/.test(name);
}

/** Of whose records nothing is asked. */
const nobody = { apply: (): void => {}, reset: (): void => {} };

interface Placed {
  readonly issue: Issue;
  readonly line: number;
}

/** The lines of a file, and which of them are void. */
class Lines {
  issues = new Map<string, Placed>();
  stale: { readonly line: number; readonly id: string; readonly later: number }[] = [];
  repeating: { readonly line: number; readonly id: string | undefined; readonly key: string }[] = [];
  /** Lines that are no issues. */
  invalid: { readonly line: number; readonly message: string }[] = [];
  voidLines = 0;

  apply(record: IssueRecord, entry: { readonly line: number; readonly text: string }): void {
    const key = duplicateKeyOf(entry.text);
    if (key !== undefined)
      this.repeating.push({ line: entry.line, id: record["id"] as string | undefined, key });
    const kind = kindOf(record);
    if (kind !== "issue") {
      const { error } = (kind === "memory" ? memoryLineSchema : exportHeaderSchema).safeParse(record);
      for (const { message, path } of error?.issues ?? [])
        this.invalid.push({ line: entry.line, message: `${kind}, ${path.join(".")}: ${message}` });
      return;
    }
    const issue = withExactIntegers(record as Issue, () => entry.text);
    const before = this.issues.get(issue.id);
    if (before !== undefined) {
      this.voidLines += 1;
      if (compareInstants(issue.updated_at, before.issue.updated_at) < 0)
        this.stale.push({ line: before.line, id: issue.id, later: entry.line });
    }
    this.issues.set(issue.id, { issue, line: entry.line });
  }

  reset(): void {
    this.issues = new Map();
    this.stale = [];
    this.repeating = [];
    this.invalid = [];
    this.voidLines = 0;
  }
}
