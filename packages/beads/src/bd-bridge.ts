import { UnsupportedError } from "@flockwork/core";
import { BdFailedError, BdNewerError } from "./errors.ts";
import { IssueState } from "./issue-state.ts";
import { IssueTexts } from "./issue-texts.ts";
import { readWholeText } from "./issue-text.ts";
import type { ChangedIssue, IssueSource } from "./issues-draft.ts";
import { sameJson } from "./merge/json-value.ts";
import { BdProgram } from "./bd-program.ts";

/** What `bd import` takes over from a line of an issue that it knows already. Everything else it passes over without a word. */
const imported: ReadonlySet<string> = new Set(
  (
    "title description design acceptance_criteria notes status priority issue_type assignee estimated_minutes updated_at " +
    "started_at closed_at external_ref source_repo close_reason metadata labels dependencies comments"
  ).split(" "),
);
/** Of these it only takes additions. */
const addOnly = ["labels", "dependencies", "comments"] as const;

/** Hands changes to the `bd` of today, which alone may write its data. */
export class BdBridge {
  readonly #bd: BdProgram;

  /** @param bd - A path. Default: the one on PATH. */
  constructor(directory: string, bd: string = "bd") {
    this.#bd = new BdProgram(bd, directory);
  }

  /**
   * The issues as bd has them now: its last export may be a minute old, and a line made from that would undo what bd did since.
   * @returns Undefined when there is no bd.
   * @throws {BdFailedError} `ERR_BD_FAILED`: bd refused, or could not be run. Nothing was changed.
   */
  async exported(): Promise<IssueState | undefined> {
    const text = await this.#bd.run(["export", "--all"]);
    if (text === undefined) return undefined;
    const state = new IssueState(new IssueTexts());
    for (const line of readWholeText("bd export", text).lines) state.apply(line.record, line);
    return state;
  }

  /**
   * Imports new and changed issues, in one call, and holds bd to its answer. The export shows them when bd next exports.
   *
   * @throws {UnsupportedError} `ERR_UNSUPPORTED`: a change that bd's import would drop in silence. Nothing was changed.
   * @throws {BdNewerError} `ERR_BD_NEWER`: bd passed over issues, because somebody changed them there meanwhile.
   * @throws {BdFailedError} `ERR_BD_FAILED`: bd refused, or did not take everything.
   */
  async importIssues(changed: readonly ChangedIssue[], before: IssueSource): Promise<void> {
    for (const { issue } of changed) refuseDropped(issue, before.issues.get(issue.id));
    if (changed.length === 0) return;
    const lines = changed.map(({ text }) => `${text}\n`).join("");
    const args = ["import", "-", "--json"];
    const answer = answerOf(await this.#bd.run(args, lines));
    const attempt = `run bd ${args.join(" ")}`;
    if (answer === undefined)
      throw new BdFailedError(attempt, 0, "its answer names no issues, so what it did is unknown");
    const ids = changed.map(({ issue }) => issue.id);
    const took = ids.filter((id) => answer.ids.has(id));
    if (took.length < ids.length)
      throw new BdNewerError(
        ids.filter((id) => !answer.ids.has(id)),
        took,
      );
    if (answer.leftOut.length > 0)
      throw new BdFailedError(
        attempt,
        0,
        `it took ${took.join(", ")}, but left out ${answer.leftOut.join("; ")}`,
      );
  }
}

interface Answer {
  readonly ids: ReadonlySet<unknown>;
  /** Dependencies, in words. */
  readonly leftOut: readonly string[];
}

/** The object that bd 1.0.3 and later print with `--json`, in an envelope or without. Without an issue taken, `ids` is missing. */
function answerOf(output: string | undefined): Answer | undefined {
  try {
    const whole = JSON.parse((output ?? "").slice((output ?? "").indexOf("{"))) as Record<string, unknown>;
    const answer = (whole["data"] ?? whole) as Record<string, unknown>;
    const { ids = [], skipped_dependencies: leftOut = [] } = answer;
    if (typeof answer["created"] !== "number" || !Array.isArray(ids) || !Array.isArray(leftOut))
      return undefined;
    return { ids: new Set<unknown>(ids), leftOut: leftOut.map(String) };
  } catch {
    return undefined;
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
