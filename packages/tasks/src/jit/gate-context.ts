import { readText } from "@flockwork/core";
import { TaskFormatError } from "../errors.ts";
import { withinProject, type JitChecker } from "./checker.ts";
import type { JitGateRun } from "./gate-run.ts";
import type { JitGate, JitIssue } from "./issue.ts";

/** What a checker finds in the file that `JIT_CONTEXT_FILE` names: jit's own form. */
export interface GateContext {
  readonly schema_version: 1;
  readonly prompt: string | null;
  readonly issue: Readonly<Record<string, unknown>>;
  readonly gate: Pick<JitGate, "key" | "title" | "description" | "stage">;
  /** The last one last. */
  readonly run_history: readonly JitGateRun[];
}

/** Runs that a checker is told of. */
const historyLength = 5;
const maxPromptBytes = 100_000;

/** What a context is made of. */
export interface ContextParts {
  readonly gate: JitGate;
  readonly issue: JitIssue;
  /** What the issue waits for. */
  readonly dependencies: readonly JitIssue[];
  /** All runs of the issue, the last one first. */
  readonly runs: readonly JitGateRun[];
  readonly prompt: string | null;
}

export function gateContext({ gate, issue, dependencies, runs, prompt }: ContextParts): GateContext {
  const { gates_required: required, gates_status: statuses, ...rest } = issue;
  const gates = required.map((key) => {
    const last = runs.find((run) => run.gate_key === key);
    const { status = "pending" } = statuses?.[key] ?? {};
    return { key, status, last_run_at: last?.started_at ?? null, exit_code: last?.exit_code ?? null };
  });
  const { key, title, description, stage } = gate;
  const history = runs.filter((run) => run.gate_key === key).slice(0, historyLength);
  return {
    schema_version: 1,
    prompt,
    issue: { ...rest, short_id: shortOf(issue), dependencies: dependencies.map(briefOf), gates },
    gate: { key, title, description, stage },
    run_history: history.toReversed().map((run) => ({ ...run, stderr: "" })), // as jit: findings are in stdout
  };
}

/** The prompt of a checker: of its file, or its own. @throws {TaskFormatError} the file is not there, or not in the project. */
export async function promptOf(project: string, checker: JitChecker): Promise<string | null> {
  const { prompt_file: name, prompt = null } = checker;
  if (name === undefined || name === null) return prompt;
  const text = await readText(withinProject(project, name), { maxBytes: maxPromptBytes });
  if (text === undefined) throw new TaskFormatError(`prompt_file ${name}`, "is not there");
  return text;
}

function briefOf(issue: JitIssue): Readonly<Record<string, unknown>> {
  const { id, title, state, priority, assignee, labels } = issue;
  return { id, short_id: shortOf(issue), title, state, priority, assignee, labels };
}

function shortOf({ id }: Pick<JitIssue, "id">): string {
  return id.slice(0, 8);
}
