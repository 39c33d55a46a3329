import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { UnsupportedError } from "@flockwork/core";
import { checkerOf, type JitChecker } from "./checker.ts";
import { checkRequired } from "./edit-issue.ts";
import { checkedOut } from "./files.ts";
import { gateContext, promptOf } from "./gate-context.ts";
import type { GateRunFiles } from "./gate-run-files.ts";
import type { JitGateRun, NewJitGateRun } from "./gate-run.ts";
import type { IssueFiles } from "./issue-files.ts";
import { checkAgent, type JitGate, type JitIssue } from "./issue.ts";
import type { ChangeIssue, ChangeIssueOptions, CheckGateOptions, IssueReceipt } from "./options.ts";
import { runChecker } from "./run-checker.ts";

/** What a check came to. */
export interface CheckReceipt extends IssueReceipt {
  readonly run: JitGateRun;
}

/** What checks need of the repository. */
export interface CheckPlace {
  readonly files: IssueFiles;
  readonly runs: GateRunFiles;
  readonly change: ChangeIssue;
  /** The directory that checkers run in. */
  readonly project: string | undefined;
  readonly record: (
    issueId: string,
    gate: string,
    run: NewJitGateRun,
    options: ChangeIssueOptions,
    runId: string,
  ) => Promise<CheckReceipt>;
}

/** What one run is made of. */
interface Check {
  readonly gate: JitGate;
  readonly checker: JitChecker;
  readonly issue: JitIssue;
  readonly runId: string;
  readonly project: string;
}

/** Runs the checker of one gate for one issue, and notes the run. */
export async function checkGate(
  place: CheckPlace,
  id: string,
  gate: JitGate,
  options: CheckGateOptions,
): Promise<CheckReceipt> {
  const { files, project, record } = place;
  if (project === undefined)
    throw new UnsupportedError(
      "Running checkers of a repository that is opened on a store",
      "they run in the directory of the project. Open the repository by its directory, or record runs of your own",
    );
  const checker = checkerOf(gate);
  const by = checkAgent("by", options.by ?? "auto:executor");
  // What refuses the change in the end refuses it now, before anything is run.
  const { issue } = await place.change(id, (draft) => (checkRequired(draft, gate.key), []), options);
  const runId = randomUUID();
  const directory = resolve(project, checker.working_dir ?? ".");
  const startedAt = files.now();
  const outcome = await withContext(place, { gate, checker, issue, runId, project }, (contextFile) => {
    const env = environmentOf(gate, checker, issue, contextFile);
    return runChecker(checker, directory, env, options.signal);
  });
  const { command } = checker;
  const run = { ...outcome, ...checkedOut(directory), command, by, started_at: startedAt };
  return await record(issue.id, gate.key, run, options, runId);
}

function environmentOf(
  { key, stage }: JitGate,
  { env }: JitChecker,
  { id }: JitIssue,
  contextFile: string | undefined,
): NodeJS.ProcessEnv {
  const own = { JIT_ISSUE_ID: id, JIT_GATE_KEY: key, JIT_STAGE: stage };
  // A checker that is run by a checker must not find the context of the outer one.
  return { ...process.env, ...own, JIT_CONTEXT_FILE: contextFile, ...env };
}

/** Lays the context of a run beside its result while the checker runs. */
async function withContext<R>(
  { files, runs }: CheckPlace,
  { gate, checker, issue, runId, project }: Check,
  work: (contextFile: string | undefined) => Promise<R>,
): Promise<R> {
  if (checker.pass_context !== true) return await work(undefined);
  const dependencies = await Promise.all(issue.dependencies.map((id) => files.readIfThere(id)));
  const context = gateContext({
    gate,
    issue,
    dependencies: dependencies.filter((each) => each !== undefined),
    runs: await runs.list(issue.id),
    prompt: await promptOf(project, checker),
  });
  const file = await runs.addContext(runId, context);
  try {
    return await work(file);
  } finally {
    await runs.removeContext(runId);
  }
}
