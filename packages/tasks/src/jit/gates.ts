import { CommitUncertainError, type StoreDocument, type WaitOptions } from "@flockwork/core";
import { TaskNotFoundError } from "../errors.ts";
import { checkRequired, editIssue, event, openGates, setGate, type DraftIssue } from "./edit-issue.ts";
import { names } from "./files.ts";
import { gateStatusAfter, newGateRun, type JitGateRun, type NewJitGateRun } from "./gate-run.ts";
import type { GateRunFiles } from "./gate-run-files.ts";
import { waitOf, type IssueFiles } from "./issue-files.ts";
import { checkAgent, type JitEvent, type JitGate, type JitIssue } from "./issue.ts";
import type { ChangeIssue, ChangeIssueOptions, IssueReceipt } from "./options.ts";

/** The gates of a repository: what issues must pass before they are done. */
export class JitGates {
  readonly #document: StoreDocument<{ gates: Record<string, JitGate> }>;
  readonly #files: IssueFiles;
  readonly #change: ChangeIssue;
  readonly #agent: string;
  readonly #runs: GateRunFiles;

  constructor(
    document: StoreDocument<{ gates: Record<string, JitGate> }>,
    files: IssueFiles,
    change: ChangeIssue,
    { agent, runs }: { readonly agent: string; readonly runs: GateRunFiles },
  ) {
    this.#document = document;
    this.#files = files;
    this.#change = change;
    this.#agent = agent;
    this.#runs = runs;
  }

  /** The gates that are defined. */
  async list(): Promise<readonly JitGate[]> {
    return Object.values((await this.#document.read()).gates) as readonly JitGate[];
  }

  /** Defines a gate, or changes fields of one. */
  async define(key: string, gate: Partial<JitGate>, options?: WaitOptions): Promise<JitGate> {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(key))
      throw new TypeError("key must be a name, such as code-review");
    const { value } = await this.#document.update((draft) => {
      const known = Object.hasOwn(draft.gates, key) ? draft.gates[key] : undefined;
      const fresh = { version: 1, title: key, description: "", stage: "postcheck", mode: "manual" } as const;
      draft.gates[key] = { ...(known ?? fresh), ...gate, key };
    }, waitOf(options));
    await this.#files.note([
      event("gate_definition_updated", undefined, this.#files.now(), { gate_key: key }),
    ]);
    return value.gates[key] as JitGate;
  }

  /** Lets an issue require a gate. @throws {TaskNotFoundError} no such gate is defined. Else as `JitRepository.update`. */
  async require(id: string, gate: string, options?: ChangeIssueOptions): Promise<IssueReceipt> {
    if (!Object.hasOwn((await this.#document.read()).gates, gate))
      throw new TaskNotFoundError(`require the gate ${gate}`, gate, names.gates, "Define it first.");
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

  /** Notes that an issue passed a gate, by whom. Throws as `JitRepository.update`. */
  pass(
    id: string,
    gate: string,
    by: string = this.#agent,
    options?: ChangeIssueOptions,
  ): Promise<IssueReceipt> {
    return this.#change(id, (draft) => setGate(draft, gate, "passed", by, this.#files.now()), options);
  }

  /** Notes that an issue failed a gate, by whom. Throws as `JitRepository.update`. */
  fail(
    id: string,
    gate: string,
    by: string = this.#agent,
    options?: ChangeIssueOptions,
  ): Promise<IssueReceipt> {
    return this.#change(id, (draft) => setGate(draft, gate, "failed", by, this.#files.now()), options);
  }

  /**
   * Notes a run of a gate's checker, and how the gate of the issue stands by it: passed, failed after `failed` or `error`, else
   * pending. The run is written first: jit's own order. This package runs no checkers.
   * @throws {TaskNotFoundError} no such gate. {@link TypeError} the issue does not require it. Else as `JitRepository.update`.
   */
  async record(
    id: string,
    gate: string,
    run: NewJitGateRun,
    options?: ChangeIssueOptions,
  ): Promise<IssueReceipt & { readonly run: JitGateRun }> {
    const { gates } = await this.#document.read();
    const defined = Object.hasOwn(gates, gate) ? gates[gate] : undefined;
    if (defined === undefined)
      throw new TaskNotFoundError(`record a run of the gate ${gate}`, gate, names.gates, "Define it first.");
    const issue = await this.#files.find(id, "record a gate run of");
    checkRequired(issue, gate);
    const now = this.#files.now();
    if (typeof run.by === "string") checkAgent("by", run.by);
    const by = run.by === undefined ? this.#agent : run.by;
    const written = newGateRun({ ...run, by }, { gate, stage: defined.stage, issueId: issue.id, now });
    await this.#runs.add(written, waitOf(options));
    try {
      const status = gateStatusAfter(written.status);
      const receipt = await this.#change(issue.id, (draft) => setGate(draft, gate, status, by, now), options);
      return { ...receipt, run: written };
    } catch (error) {
      if (!(error instanceof CommitUncertainError))
        await this.#runs.remove(written.run_id).catch(() => undefined);
      throw error;
    }
  }

  /** The runs of an issue's gates that were noted, by jit too; of one gate, where it is named. The last one first. */
  async runs(
    id: string,
    filter: { readonly gate?: string | undefined } = {},
  ): Promise<readonly JitGateRun[]> {
    const issue = await this.#files.find(id, "list the gate runs of");
    const runs = await this.#runs.list(issue.id);
    return runs.filter(({ gate_key: gate }) => filter.gate === undefined || gate === filter.gate);
  }

  /** One run. Undefined where there is none. */
  run(runId: string): Promise<JitGateRun | undefined> {
    return this.#runs.get(runId);
  }

  /** Gates that an issue must pass before it is begun, and has not. */
  async openPrechecks(issue: Pick<JitIssue, "gates_required" | "gates_status">): Promise<readonly string[]> {
    const open = openGates(issue);
    if (open.length === 0) return open;
    const { gates } = await this.#document.read();
    return open.filter((key) => Object.hasOwn(gates, key) && gates[key]?.stage === "precheck");
  }

  #setRequired(
    id: string,
    options: ChangeIssueOptions | undefined,
    type: string,
    gate: string,
    next: (required: readonly string[]) => readonly string[],
  ): Promise<IssueReceipt> {
    const edit = (draft: DraftIssue): readonly JitEvent[] => {
      const now = this.#files.now();
      const surroundings = { now, blockers: [], force: true };
      const events = editIssue(
        draft,
        { gates_required: next([...draft.gates_required]) },
        this.#agent,
        surroundings,
      );
      return events.length === 0 ? [] : [event(type, draft.id, now, { gate_key: gate })];
    };
    return this.#change(id, edit, options);
  }
}
