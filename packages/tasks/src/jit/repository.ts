import {
  CommitUncertainError,
  systemClock,
  type Store,
  type StoreLock,
  type WaitOptions,
} from "@flockwork/core";
import { editIssue, event, newIssue, openGates, type DraftIssue } from "./edit-issue.ts";
import { claimsDirectory, dataDirectory, gatesOf, jitLayout, names, storeOf } from "./files.ts";
import { IssueFiles, requireIndexed, waitOf } from "./issue-files.ts";
import { GateRunFiles } from "./gate-run-files.ts";
import { JitGates } from "./gates.ts";
import { checkEvent } from "./check-fields.ts";
import { ClaimsFile, type JitDeathEffect } from "./claims-file.ts";
import { ClaimsMeta } from "./claims-meta.ts";
import { contextOf } from "./worktree.ts";
import { defaultHeartbeatMs, JitHeartbeats } from "./heartbeats.ts";
import { JitClaims } from "./jit-claims.ts";
import {
  filterIssues,
  isSettledIssue,
  rankOfIssue,
  type JitEvent,
  type JitFields,
  type JitFilter,
  type JitIssue,
  type JitState,
  type NewJitIssue,
} from "./issue.ts";
import type { ChangeIssue, ChangeIssueOptions, IssueReceipt, OpenJitOptions } from "./options.ts";

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
  readonly #indexLock: StoreLock;
  readonly #agent: string;
  readonly #claimsFile: ClaimsFile;

  constructor(place: string | Store, options: OpenJitOptions) {
    const { clock = systemClock } = options;
    const isDirectory = typeof place === "string";
    const store = isDirectory ? storeOf(dataDirectory(place)) : place;
    const claimsStore = options.claims ?? (isDirectory ? storeOf(claimsDirectory(place)) : place);
    this.#files = new IssueFiles(store, clock);
    this.#indexLock = store.lock(names.index, { layout: jitLayout });
    this.#agent = options.agent ?? (process.env["JIT_AGENT_ID"] || "agent:flockwork");
    const change: ChangeIssue = async (id, edit, conditions = {}) => {
      const { id: full } = await this.#files.find(id, "update");
      return this.#change(full, (draft) => Promise.resolve(edit(draft)), conditions, "shared");
    };
    const runs = new GateRunFiles(store, isDirectory ? dataDirectory(place) : undefined);
    this.gates = new JitGates(gatesOf(store), this.#files, change, { agent: this.#agent, runs });
    const context = contextOf(store, isDirectory ? place : process.cwd(), options);
    this.heartbeats = new JitHeartbeats(
      claimsStore,
      clock,
      context,
      options.heartbeatMs ?? defaultHeartbeatMs,
    );
    const meta = new ClaimsMeta(claimsStore, clock, this.#agent);
    this.#claimsFile = new ClaimsFile(claimsStore, options.clock, context, meta);
    this.claims = new JitClaims({
      file: this.#claimsFile,
      find: (id, attempt) => this.#files.find(id, attempt),
      clock: options.clock,
      heartbeats: this.heartbeats,
    });
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

  /** Adds an issue. @throws {TaskNotFoundError} it would wait for one that is not there. {@link TypeError} it is no issue. */
  async create(fields: NewJitIssue, options: WaitOptions = {}): Promise<IssueReceipt> {
    const dependencies = await this.#files.resolveAll(fields.dependencies ?? []);
    const issue = newIssue({ ...fields, dependencies }, this.#files.now());
    // First the issue, which nobody knows yet, then the index: what is in the index is there.
    const document = this.#files.document(issue.id);
    await document.write(issue, waitOf(options));
    try {
      await this.#files.index.update((index) => {
        for (const id of dependencies) requireIndexed(index, id, "make an issue wait for");
        index.all_ids.push(issue.id);
      }, waitOf(options));
    } catch (error) {
      if (!(error instanceof CommitUncertainError)) await document.remove().catch(() => undefined);
      throw error;
    }
    const { title, priority, updated_at: at } = issue;
    await this.#files.note([event("issue_created", issue.id, at, { title, priority })]);
    return { issue, changed: true };
  }

  /**
   * Changes fields of an issue. Issues that are not the same change side by side: only an edge of the graph needs all of it.
   *
   * @throws {TaskNotFoundError | TaskTransitionError | TaskClaimedError | DependencyCycleError} nothing was changed.
   * {@link StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`, {@link LeaseLostError}: the claim given is over.
   * {@link LockTimeoutError} `ERR_LOCK_TIMEOUT`, after `JIT_LOCK_TIMEOUT` seconds, with jit's hints.
   */
  async update(id: string, fields: JitFields, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    const { id: full } = await this.#files.find(id, "update");
    const resolved =
      fields.dependencies === undefined
        ? fields
        : { ...fields, dependencies: await this.#files.resolveAll(fields.dependencies) };
    const edit = async (draft: DraftIssue, ids: readonly string[]): Promise<readonly JitEvent[]> => {
      if (resolved.dependencies !== undefined) await this.#files.checkGraph(full, resolved.dependencies, ids);
      const isMove = resolved.state !== undefined && resolved.state !== draft.state;
      const blockers = isMove ? await this.#files.blockersOf(draft) : [];
      const prechecks = isMove ? await this.gates.openPrechecks(draft) : [];
      return editIssue(draft, resolved, this.#agent, {
        now: this.#files.now(),
        blockers,
        prechecks,
        force: options.force ?? false,
      });
    };
    return this.#change(full, edit, options, resolved.dependencies === undefined ? "shared" : "exclusive");
  }

  /** Removes an issue, and its id from the issues that wait for it. Throws as `update`. */
  async delete(id: string, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    const issue = await this.#files.find(id, "delete");
    const wait = waitOf(options);
    const work = async (): Promise<void> => {
      const now = this.#files.now();
      await this.#files.index.update(async (index) => {
        requireIndexed(index, issue.id, "delete");
        for (const each of await Promise.all(
          [...index.all_ids].map((other) => this.#files.readIfThere(other)),
        )) {
          if (each?.dependencies.includes(issue.id) !== true) continue;
          await this.#files.document(each.id).update((draft) => {
            const rest = draft.dependencies.filter((other) => other !== issue.id);
            Object.assign(draft, { dependencies: rest, updated_at: now });
          }, wait);
        }
        index.all_ids = index.all_ids.filter((each) => each !== issue.id);
        (index.deleted_ids ??= []).push(issue.id);
      }, wait);
      await this.#files.document(issue.id).remove(wait); // its lock file stays: somebody may wait on it
      await this.#files.note([event("issue_deleted", issue.id, now, {})]);
    };
    await this.claims.guard(issue.id, options, work, wait);
    return { issue, changed: true };
  }

  /** Moves an issue to a state. Throws as `update`. */
  setState(id: string, state: JitState, options?: ChangeIssueOptions): Promise<IssueReceipt> {
    return this.update(id, { state }, options);
  }

  /** Moves an issue to `done`, or to `gated` while it has gates that are not passed. Throws as `update`. */
  async complete(id: string, options?: ChangeIssueOptions): Promise<IssueReceipt> {
    const issue = await this.#files.find(id, "complete");
    return this.update(issue.id, { state: openGates(issue).length > 0 ? "gated" : "done" }, options);
  }

  /** Lets an issue wait for another. @throws {DependencyCycleError} `ERR_DEPENDENCY_CYCLE`. Else as `update`. */
  async addDependency(id: string, on: string, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    const [issue, other] = [await this.#files.find(id, "update"), await this.#files.find(on, "wait for")];
    const edit = async (draft: DraftIssue, ids: readonly string[]): Promise<readonly JitEvent[]> => {
      const dependencies = draft.dependencies.includes(other.id)
        ? draft.dependencies
        : [...draft.dependencies, other.id];
      await this.#files.checkGraph(issue.id, dependencies, ids);
      return editIssue(draft, { dependencies }, this.#agent, {
        now: this.#files.now(),
        blockers: [],
        force: true,
      });
    };
    return this.#change(issue.id, edit, options, "exclusive");
  }

  /** Lets an issue no longer wait for another. Throws as `update`. */
  async removeDependency(id: string, on: string, options: ChangeIssueOptions = {}): Promise<IssueReceipt> {
    const issue = await this.#files.find(id, "update");
    const other = (await this.#files.resolve(on)) ?? on;
    const edit = (draft: DraftIssue): Promise<readonly JitEvent[]> => {
      const dependencies = draft.dependencies.filter((each) => each !== other);
      const surroundings = { now: this.#files.now(), blockers: [], force: true };
      return Promise.resolve(editIssue(draft, { dependencies }, this.#agent, surroundings));
    };
    return this.#change(issue.id, edit, options, "shared");
  }

  /** Issues that can be begun: in `backlog` or `ready`, nobody's, and waiting for nothing. The most urgent first. */
  async ready(filter?: JitFilter): Promise<readonly JitIssue[]> {
    const all = await this.list();
    const open = new Set(all.filter((issue) => !isSettledIssue(issue)).map(({ id }) => id));
    const found = all.filter(
      ({ state, assignee, dependencies }) =>
        (state === "ready" || state === "backlog") &&
        assignee === null &&
        !dependencies.some((id) => open.has(id)),
    );
    return filterIssues(found, filter).toSorted((a, b) => rankOfIssue(a) - rankOfIssue(b));
  }

  /** What happened, in the order in which it did; of one issue, where an id is given. */
  async events(id?: string): Promise<readonly JitEvent[]> {
    const all = await this.#files.events.read();
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
    await this.#files.note([event(type, undefined, this.#files.now(), fields)]);
  }

  /** The whole read-modify-write of one issue: under the index's lock, then its own. */
  async #change(
    id: string,
    edit: (draft: DraftIssue, ids: readonly string[]) => Promise<readonly JitEvent[]>,
    options: ChangeIssueOptions,
    mode: "shared" | "exclusive",
  ): Promise<IssueReceipt> {
    const wait = waitOf(options);
    const work = async (): Promise<IssueReceipt> => {
      const { all_ids: ids } = await this.#files.index.read();
      requireIndexed({ all_ids: ids }, id, "update");
      let events: readonly JitEvent[] = [];
      const { value, changed } = await this.#files.document(id).update(async (draft) => {
        events = await edit(draft as DraftIssue, ids);
      }, wait);
      await this.#files.note(events);
      return { issue: value as JitIssue, changed };
    };
    const locked = (): Promise<IssueReceipt> =>
      mode === "shared" ? this.#indexLock.withRead(work, wait) : this.#indexLock.withWrite(work, wait);
    return this.claims.guard(id, options, locked, wait);
  }
}
