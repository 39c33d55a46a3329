import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { UnsupportedError } from "@flockwork/core";
import { BdFailedError } from "./errors.ts";
import type { ChangedIssue, IssueSource } from "./issues-draft.ts";
import { sameJson } from "./merge/json-value.ts";

/** What `bd import` takes over from a line of an issue that it knows already. Everything else it passes over without a word. */
const imported: ReadonlySet<string> = new Set(
  (
    "title description design acceptance_criteria notes status priority issue_type assignee estimated_minutes updated_at " +
    "started_at closed_at external_ref source_repo close_reason metadata labels dependencies comments"
  ).split(" "),
);
/** Of these it only takes additions. */
const addOnly = ["labels", "dependencies", "comments"] as const;
const stderrKept = 4_000;

/** Hands changes to the `bd` of today, which alone may write its data. */
export class BdBridge {
  readonly #directory: string;
  readonly #program: string | false;

  /** @param bd - A path, or false for none. Default: the one on PATH. */
  constructor(directory: string, bd: string | false = "bd") {
    this.#directory = directory;
    this.#program = bd;
  }

  /**
   * Imports new and changed issues, in one call of `bd import -`. The export shows them when bd next exports.
   *
   * @returns False when there is no bd; nothing was done.
   * @throws {UnsupportedError} `ERR_UNSUPPORTED`: a change that bd's import would drop in silence. Nothing was changed.
   * @throws {BdFailedError} `ERR_BD_FAILED`: bd refused, or could not be run.
   */
  async importIssues(changed: readonly ChangedIssue[], before: IssueSource): Promise<boolean> {
    if (this.#program === false) return false;
    for (const { issue } of changed) refuseDropped(issue, before.issues.get(issue.id));
    if (changed.length === 0) return true;
    return await this.#run(this.#program, ["import", "-"], changed.map(({ text }) => `${text}\n`).join(""));
  }

  #run(program: string, args: readonly string[], input: string): Promise<boolean> {
    const attempt = `run bd ${args.join(" ")}`;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: dirname(this.#directory),
        env: { ...process.env, BEADS_DIR: this.#directory },
        stdio: ["pipe", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr = (stderr + text).slice(-stderrKept);
      });
      child.once("error", (cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") resolve(false);
        else reject(new BdFailedError(attempt, undefined, stderr, { cause }));
      });
      child.once("close", (code) => {
        if (code === 0) resolve(true);
        else reject(new BdFailedError(attempt, code ?? undefined, stderr));
      });
      child.stdin.on("error", () => {}); // bd ended early: its exit code tells
      child.stdin.end(input);
    });
  }
}

function refuseDropped(issue: ChangedIssue["issue"], before: ChangedIssue["issue"] | undefined): void {
  if (before === undefined) return;
  const keys = new Set([...Object.keys(issue), ...Object.keys(before)]);
  for (const key of keys) {
    if (sameJson(issue[key], before[key])) continue;
    if (!imported.has(key))
      throw new UnsupportedError(
        `Changing ${key} of ${issue.id} through bd import`,
        `bd passes over it; use bd update`,
      );
  }
  for (const key of addOnly) {
    const left = before[key]?.filter((old) => issue[key]?.some((each) => sameJson(each, old)) !== true) ?? [];
    if (left.length > 0)
      throw new UnsupportedError(
        `Removing ${key} of ${issue.id} through bd import`,
        "bd only adds; use bd update",
      );
  }
}
