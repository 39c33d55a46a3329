import { dirname, resolve } from "node:path";
import { systemClock, type Store, type WaitOptions } from "@flockwork/core";
import { checkEvent } from "./check-fields.ts";
import { ClaimsFile, type JitDeathEffect } from "./claims-file.ts";
import { ClaimsMeta } from "./claims-meta.ts";
import { event, openGates } from "./edit-issue.ts";
import { MissingEvents } from "./event-not-written.ts";
import { claimsDirectory, dataDirectory, isObject, jitLayout, names, storeOf } from "./files.ts";
import { GateDefinitions } from "./gate-definitions.ts";
import { GateRunFiles } from "./gate-run-files.ts";
import { JitGates } from "./gates.ts";
import { defaultHeartbeatMs, JitHeartbeats } from "./heartbeats.ts";
import { IssueChanges } from "./issue-changes.ts";
import { IssueFiles } from "./issue-files.ts";
import {
  filterIssues,
  isSettledIssue,
  rankOfIssue,
  type JitChanges,
  type JitEvent,
  type JitFilter,
  type JitIssue,
  type JitState,
  type NewJitIssue,
} from "./issue.ts";
import { JitClaims } from "./jit-claims.ts";
import type { ChangeIssueOptions, IssueReceipt, MoveIssueOptions, OpenJitOptions } from "./options.ts";
import { contextOf } from "./worktree.ts";

/**
 * Opens a jit repository: `.jit` in the directory of a project, or where `JIT_DATA_DIR` says. Nothing is read or created until
 * it is asked for. jit's own programs and this exclude each other, by jit's locks in jit's order.
 *
 * @param place - The directory of the project, or a store that is opened on the data directory (then say where `claims` lie).
 * @example
 * const jit = openJit(".");
 * const { issue } = await jit.create({ title: "Support short ids", priority: "high" });
 * await jit.update(issue.id.slice(0, 8), { state: "in_progress" });
 */
export function openJit(place: string | Store, options: OpenJitOptions = {}): JitRepository {
  return new JitRepository(place, options);
}

/** The issues of one repository. Made by {@link openJit}. Holds nothing open: keep it or drop it. */
export class JitRepository {
  /** Who works on what. */
  readonly claims: JitClaims;
  /** Which agents are alive. */
  readonly heartbeats: JitHeartbeats;
  /** What issues must pass before they are done. */
  readonly gates: JitGates;
  readonly #files: IssueFiles;
  readonly #changes: IssueChanges;
  readonly #claimsFile: ClaimsFile;

  constructor(place: string | Store, options: OpenJitOptions) {
    const { clock = systemClock, heartbeatMs = defaultHeartbeatMs } = options;
    const isDirectory = typeof place === "string";
    const data = isDirectory ? dataDirectory(place) : undefined;
    const store = isDirectory ? storeOf(dataDirectory(place)) : place;
    const claimsStore = options.claims ?? (isDirectory ? storeOf(claimsDirectory(place)) : place);
    const agent = options.agent ?? (process.env["JIT_AGENT_ID"] || "agent:flockwork");
    const files = (this.#files = new IssueFiles(store, clock, data));
    const context = contextOf(store, isDirectory ? place : process.cwd(), options);
    this.heartbeats = new JitHeartbeats(claimsStore, clock, context, heartbeatMs);
    const meta = new ClaimsMeta(claimsStore, clock, agent);
    this.#claimsFile = new ClaimsFile(claimsStore, options.clock, context, meta);
    this.claims = new JitClaims({
      file: this.#claimsFile,
      find: (id, attempt) => files.find(id, attempt),
      clock: options.clock,
      heartbeats: this.heartbeats,
    });
    const definitions = new GateDefinitions(store);
    const indexLock = store.lock(names.index, { layout: jitLayout });
    this.#changes = new IssueChanges({ files, indexLock, claims: this.claims, definitions, agent });
    const { change } = this.#changes;
    const runs = new GateRunFiles(store, data);
    const project = data === undefined ? undefined : dirname(resolve(data));
    this.gates = new JitGates({ definitions, runs, files, change, agent, project });
  }

  /**
   * What a registry is to do when an agent is dead, in the commit that ends it: `agents.onDeath("*", jit.releaseOnDeath())`. The
   * agent's claims end. The registry must be of the store that the `claims` lie in.
   *
   * @param holderOf - The name an agent claims under. Default: its id.
   */
  releaseOnDeath(holderOf: (death: { readonly id: string }) => string = ({ id }) => id): JitDeathEffect {
    return this.#claimsFile.releaseOnDeath(holderOf);
  }

  /** The issues that match, in the order of the index. Takes no lock: each is as it was before or after any change of it. */
  async list(filter?: JitFilter): Promise<readonly JitIssue[]> {
    const { all_ids: ids } = await this.#files.index.read();
    const found = await Promise.all(ids.map((id) => this.#files.readIfThere(id)));
    return filterIssues(
      found.filter((issue) => issue !== undefined),
      filter,
    );
  }

  /** One issue by its id, or by a beginning of it that no other has. Undefined where there is none. */
  get(id: string): Promise<JitIssue | undefined> {
    return this.#files.get(id);
  }

  /**
   * Adds an issue.
   * @throws {TaskNotFoundError} it would wait for one that is not there. {@link TypeError} it is no issue. Nothing was changed.
   * {@link EventNotWrittenError} `ERR_EVENT_NOT_WRITTEN`: the issue is there, and in the error's `receipt`; only its event is missing.
   */
  create(fields: NewJitIssue, options: WaitOptions = {}): Promise<IssueReceipt> {
    return this.#changes.create(fields, options);
  }

  /**
   * Changes fields of an issue: those given, or those a function makes of the issue as it is. Issues that are not the same change side by side: only an edge of the graph needs all of it.
   *
   * @throws {TaskNotFoundError | TaskTransitionError | TaskClaimedError | DependencyCycleError} nothing was changed.
   * {@link EventNotWrittenError} `ERR_EVENT_NOT_WRITTEN`: it is changed, as the error's `receipt` says; only its events are missing.
   * {@link StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`, {@link LeaseLostError}: the claim given is over.
   * {@link LockTimeoutError} `ERR_LOCK_TIMEOUT`, after `JIT_LOCK_TIMEOUT` seconds, with jit's hints.
   */
  update(id: string, changes: JitChanges, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    return this.#changes.update(id, changes, options);
  }

  /** Removes an issue, and its id from the issues that wait for it. Throws as `update`. */
  delete(id: string, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    return this.#changes.delete(id, options);
  }

  /** Moves an issue to a state. Throws as `update`; with `check: true` as `gates.check`, too. */
  async setState(id: string, state: JitState, options: MoveIssueOptions = {}): Promise<IssueReceipt> {
    const missing = new MissingEvents();
    await missing.past(this.#checkFor(id, state, options));
    return missing.end(await missing.past(this.update(id, { state }, options)));
  }

  /** Moves an issue to `done`, or to `gated` while it has gates that are not passed. Throws as `setState`. */
  async complete(id: string, options: MoveIssueOptions = {}): Promise<IssueReceipt> {
    const missing = new MissingEvents();
    await missing.past(this.#checkFor(id, "done", options));
    const issue = await this.#files.find(id, "complete");
    const state = openGates(issue).length > 0 ? "gated" : "done";
    return missing.end(await missing.past(this.update(issue.id, { state }, options)));
  }

  /** Lets an issue wait for another. @throws {DependencyCycleError} `ERR_DEPENDENCY_CYCLE`. Else as `update`. */
  addDependency(id: string, on: string, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    return this.#changes.addDependency(id, on, options);
  }

  /** Lets an issue no longer wait for another. Throws as `update`. */
  removeDependency(id: string, on: string, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    return this.#changes.removeDependency(id, on, options);
  }

  /** Issues that can be begun: in `backlog` or `ready`, nobody's, and waiting for nothing. The most urgent first. */
  async ready(filter?: JitFilter): Promise<readonly JitIssue[]> {
    const all = await this.list();
    const open = new Set(all.filter((issue) => !isSettledIssue(issue)).map(({ id }) => id));
    const found = all.filter(
      ({ state, assignee, dependencies }) =>
        (state === "ready" || state === "backlog") &&
        (assignee ?? null) === null && // left out by other programs
        !dependencies.some((id) => open.has(id)),
    );
    return filterIssues(found, filter).toSorted((a, b) => rankOfIssue(a) - rankOfIssue(b));
  }

  /** What happened, in the order in which it did; of one issue, where an id is given. */
  async events(id?: string): Promise<readonly JitEvent[]> {
    const all = (await this.#files.events.read()).filter(isObject); // what is none is passed over, as damaged lines are
    if (id === undefined) return all;
    const full = (await this.#files.resolve(id)) ?? id;
    return all.filter((each) => each.issue_id === full);
  }

  /**
   * Adds an event, of a type that jit knows: it could read none any more beside another.
   * @throws {TypeError} naming what jit could not read.
   */
  async appendEvent(type: string, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    checkEvent(type, fields);
    await this.#files.events.append(event(type, undefined, this.#files.now(), fields));
  }

  /** Runs the checkers that a move asks for, where it is to. */
  async #checkFor(id: string, state: JitState, { check = false, ...rest }: MoveIssueOptions): Promise<void> {
    const stage = state === "in_progress" ? "precheck" : "postcheck";
    if (check && ["in_progress", "gated", "done"].includes(state))
      await this.gates.checkAll(id, { ...rest, stage });
  }
}
