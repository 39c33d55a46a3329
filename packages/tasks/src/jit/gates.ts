import { randomUUID } from "node:crypto";
import { CommitUncertainError, type WaitOptions } from "@flockwork/core";
import { checkRequired, editIssue, event, setGate, type DraftIssue } from "./edit-issue.ts";
import { checkGate, type CheckReceipt } from "./gate-checks.ts";
import { MissingEvents } from "./event-not-written.ts";
import { checkGateName, type GateDefinitions } from "./gate-definitions.ts";
import { gateStatusAfter, newGateRun, type JitGateRun, type NewJitGateRun } from "./gate-run.ts";
import type { GateRunFiles } from "./gate-run-files.ts";
import { waitOf, type IssueFiles } from "./issue-files.ts";
import { checkAgent, type JitEvent, type JitGate } from "./issue.ts";
import type { ChangeIssue, ChangeIssueOptions, CheckGateOptions, IssueReceipt } from "./options.ts";

/** What gates need of the repository. */
export interface GateSurroundings {
  readonly definitions: GateDefinitions;
  readonly runs: GateRunFiles;
  readonly files: IssueFiles;
  readonly change: ChangeIssue;
  /** Who passes gates, where a call does not say. */
  readonly agent: string;
  /** The directory that checkers run in. Undefined where the repository is in a store. */
  readonly project: string | undefined;
}

/** The gates of a repository: what issues must pass before they are done. */
export class JitGates {
  readonly #of: GateSurroundings;

  constructor(surroundings: GateSurroundings) {
    this.#of = surroundings;
  }

  /** The gates that are defined. */
  list(): Promise<readonly JitGate[]> {
    return this.#of.definitions.list();
  }

  /**
   * Defines a gate, or changes fields of one.
   * @throws {TypeError} naming what jit could not read. {@link EventNotWrittenError} the gate is defined, only its event is missing.
   */
  async define(key: string, gate: Partial<JitGate>, options?: WaitOptions): Promise<JitGate> {
    const { definitions, files } = this.#of;
    const defined = await definitions.define(key, gate, waitOf(options));
    const updated = event("gate_definition_updated", undefined, files.now(), { gate_key: key });
    return files.tell(`Gate ${key} was defined`, [updated], defined);
  }

  /** Lets an issue require a gate. @throws {TaskNotFoundError} no such gate is defined. Else as `JitRepository.update`. */
  async require(id: string, gate: string, options?: ChangeIssueOptions): Promise<IssueReceipt> {
    await this.#of.definitions.find(gate, "require");
    return this.#setRequired(id, options, "gate_added", gate, (required) => [
      ...new Set([...required, gate]),
    ]);
  }

  /** Lets an issue no longer require a gate. Throws as `JitRepository.update`. */
  drop(id: string, gate: string, options?: ChangeIssueOptions): Promise<IssueReceipt> {
    return this.#setRequired(id, options, "gate_removed", gate, (required) =>
      required.filter((each) => each !== gate),
    );
  }

  /** Notes that an issue passed a gate, by whom; runs nothing. Throws as `JitRepository.update`. */
  pass(
    id: string,
    gate: string,
    by: string = this.#of.agent,
    options?: ChangeIssueOptions,
  ): Promise<IssueReceipt> {
    const { change, files } = this.#of;
    return change(id, (draft) => setGate(draft, gate, "passed", by, files.now()), options);
  }

  /** Notes that an issue failed a gate, by whom. Throws as `JitRepository.update`. */
  fail(
    id: string,
    gate: string,
    by: string = this.#of.agent,
    options?: ChangeIssueOptions,
  ): Promise<IssueReceipt> {
    const { change, files } = this.#of;
    return change(id, (draft) => setGate(draft, gate, "failed", by, files.now()), options);
  }

  /**
   * Notes a run of a gate's checker, and how the gate of the issue stands by it: passed, failed after `failed` or `error`, else
   * pending. The run is written first: jit's own order.
   * @throws {TaskNotFoundError} no such gate, or the issue does not require it. Else as `JitRepository.update`.
   */
  record(id: string, gate: string, run: NewJitGateRun, options?: ChangeIssueOptions): Promise<CheckReceipt> {
    return this.#record(id, gate, run, options);
  }

  /**
   * Runs the checker of an automated gate, as `jit gate pass` does, and notes the run. Only this and `checkAll` run anything:
   * the gate's command, which stands in the repository, by `sh -c` in the directory of the project. After `timeout_seconds`
   * it is ended with all that it started.
   *
   * @returns The run, whatever it came to: see its `status`.
   * @throws {TaskNotFoundError | TaskFormatError} no such gate, the issue does not require it, or no checker that can be run.
   * {@link TypeError} the gate is manual. {@link TaskClaimedError}, before anything is run. Else as `JitRepository.update`.
   */
  async check(id: string, gate: string, options: CheckGateOptions = {}): Promise<CheckReceipt> {
    return this.#check(id, await this.#of.definitions.find(gate, "check"), options);
  }

  /** Checks all automated gates of an issue, or those of one stage, one after the other by their priority. Throws as `check`. */
  async checkAll(
    id: string,
    options: CheckGateOptions & { readonly stage?: JitGate["stage"] | undefined } = {},
  ): Promise<readonly CheckReceipt[]> {
    const { stage, ...rest } = options;
    const { gates_required: required } = await this.#of.files.find(id, "check the gates of");
    const checked: CheckReceipt[] = [];
    const missing = new MissingEvents();
    for (const gate of await this.#of.definitions.ordered(required))
      if (gate.mode === "auto" && (stage === undefined || gate.stage === stage))
        checked.push(await missing.past(this.#check(id, gate, rest)));
    return missing.end(checked);
  }

  /** The runs of an issue's gates that were noted, by jit too; of one gate, where it is named. The last one first. */
  async runs(
    id: string,
    filter: { readonly gate?: string | undefined } = {},
  ): Promise<readonly JitGateRun[]> {
    const issue = await this.#of.files.find(id, "list the gate runs of");
    const runs = await this.#of.runs.list(issue.id);
    return runs.filter(({ gate_key: gate }) => filter.gate === undefined || gate === filter.gate);
  }

  /** One run. Undefined where there is none. */
  run(runId: string): Promise<JitGateRun | undefined> {
    return this.#of.runs.get(runId);
  }

  #check(id: string, gate: JitGate, options: CheckGateOptions): Promise<CheckReceipt> {
    const record = this.#record.bind(this);
    return checkGate({ ...this.#of, record }, id, gate, options);
  }

  async #record(
    id: string,
    key: string,
    run: NewJitGateRun,
    options: ChangeIssueOptions | undefined,
    runId: string = randomUUID(),
  ): Promise<CheckReceipt> {
    const { definitions, runs, files, change, agent } = this.#of;
    const { stage } = await definitions.find(key, "record a run of");
    const issue = await files.find(id, "record a gate run of");
    checkRequired(issue, key);
    const now = files.now();
    if (typeof run.by === "string") checkAgent("by", run.by);
    const by = run.by === undefined ? agent : run.by;
    const written = newGateRun({ ...run, by }, { runId, gate: key, stage, issueId: issue.id, now });
    await runs.add(written, waitOf(options));
    const missing = new MissingEvents();
    const status = gateStatusAfter(written.status);
    let receipt: IssueReceipt;
    try {
      const changing = change(issue.id, (draft) => setGate(draft, key, status, by, now), options);
      receipt = await missing.past(changing);
    } catch (error) {
      if (!(error instanceof CommitUncertainError)) await runs.remove(written.run_id).catch(() => undefined);
      throw error;
    }
    return missing.end({ ...receipt, run: written });
  }

  async #setRequired(
    id: string,
    options: ChangeIssueOptions | undefined,
    type: string,
    gate: string,
    next: (required: readonly string[]) => readonly string[],
  ): Promise<IssueReceipt> {
    checkGateName(gate);
    const { change, files, agent } = this.#of;
    const edit = (draft: DraftIssue): readonly JitEvent[] => {
      const surroundings = { now: files.now(), blockers: [], force: true };
      const required = next([...draft.gates_required]);
      const events = editIssue(draft, { gates_required: required }, agent, surroundings);
      return events.length === 0 ? [] : [event(type, draft.id, surroundings.now, { gate_key: gate })];
    };
    return change(id, edit, options);
  }
}
