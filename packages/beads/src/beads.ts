import { instantOf, type Durability, type LayoutName, type LockLayout, type Store } from "@flockwork/core";
import { BdBridge } from "./bd-bridge.ts";
import { BeadsReader } from "./beads-reader.ts";
import { changeIssue, checkRevision, existing, type IssueChange } from "./change-issue.ts";
import { checkObject } from "./check-questions.ts";
import { checkRequest, claimIssue, firstClaimable, type ClaimRequest } from "./claim-issue.ts";
import { Claim } from "./claim.ts";
import { CreationClock } from "./creation-clock.ts";
import { createIssue, type NewIssue } from "./create-issue.ts";
import { DaemonCycle } from "./daemon-cycle.ts";
import type { EraWatch } from "./era-watch.ts";
import { BeadsWriter } from "./beads-writer.ts";
import { Interactions } from "./interactions.ts";
import { IssueLog, type WriteOptions } from "./issue-log.ts";
import { IssueView, type IssueViewOptions, type OnDamage } from "./issue-view.ts";
import { lineOfIssue } from "./issue-line.ts";
import { checkIssue, checkWellFormed } from "./issue-rules.ts";
import type { DependencyType, Issue } from "./issue.ts";
import type { IssuesDraft } from "./issues-draft.ts";
import {
  addComment,
  addDependency,
  removeDependency,
  type NewComment,
  type NewDependency,
} from "./link-issues.ts";
import type { OpenBeadsOptions } from "./open-beads.ts";
import type { ReadyOptions } from "./ready-issues.ts";
import type { BeadsReceipt, IssueReceipt } from "./receipt.ts";
import { Routes } from "./routes.ts";
import { usualPrefix } from "./usual-prefix.ts";
import { randomUuidV7 } from "./uuid-v7.ts";

/** Where issues lie; see `openBeads`. */
export interface BeadsPlace extends OpenBeadsOptions {
  readonly store: Store;
  readonly name: (file: string) => string;
  readonly layout: LockLayout | LayoutName;
  /** The directory, where there is one. */
  readonly directory: string | undefined;
  readonly ownsStore: boolean;
}

/** Bounds and conditions of the change of one issue. */
export interface UpdateOptions extends WriteOptions {
  /** Change it only at this revision (`revisionOf`); else `RevisionConflictError`. */
  readonly expectedRevision?: string | undefined;
}

/** One change of a batch. */
export interface BatchUpdate {
  readonly id: string;
  readonly change: IssueChange;
  readonly expectedRevision?: string | undefined;
}

/** The issues of a `.beads` directory. Made by `openBeads`. Writes hold the lock; reads take none. */
export class Beads extends BeadsReader implements AsyncDisposable {
  /** `interactions.jsonl`: what models and tools were asked. */
  readonly interactions: Interactions;
  /** `routes.jsonl`: which rig owns the issues of a prefix. */
  readonly routes: Routes;
  readonly #writer: BeadsWriter;
  readonly #place: BeadsPlace;
  readonly #clock: CreationClock;
  readonly #era: EraWatch | undefined;

  constructor(place: BeadsPlace, era?: EraWatch) {
    const { store, name, layout, durability = "disk", onDamage = "error" } = place;
    const daemon =
      place.directory === undefined ? undefined : new DaemonCycle(place.directory, place.daemonIntervalMs);
    const optionsOf = (file: string): IssueViewOptions => ({
      store,
      name: name(file),
      layout,
      durability: durability as Durability,
      onDamage: onDamage as OnDamage,
    });
    const log = new IssueLog({ ...optionsOf("issues.jsonl"), daemon });
    super(log, (file) => new IssueView(optionsOf(file)), place);
    this.#place = place;
    this.#era = era;
    this.#clock = new CreationClock(place.now);
    const { directory, bd } = place;
    const bridge = directory === undefined || bd === false ? undefined : new BdBridge(directory, bd);
    this.#writer = new BeadsWriter(log, {
      era,
      bridge,
      writes: place.writes,
      layout: place.layout,
    });
    this.interactions = new Interactions(store, {
      name: name("interactions.jsonl"),
      layout,
      durability,
      onDamage,
    });
    this.routes = new Routes(store, { name: name("routes.jsonl"), layout, durability });
  }

  /**
   * Adds an issue as it is, or replaces the one of its id: what is in the file is not looked at. The fastest way in.
   * @throws {BeadInvalidError} `ERR_BEAD_INVALID`: it breaks a rule of the format. Nothing was written.
   * @throws {LockTimeoutError | WriteFailedError | DoltEraError} nothing was written. {@link CommitUncertainError} read again.
   */
  async append(issue: Issue, options: WriteOptions = {}): Promise<IssueReceipt> {
    checkIssue(issue);
    checkWellFormed(issue.id, issue);
    const receipt = await this.#writer.put({ issue, text: lineOfIssue(issue) }, options);
    return { ...receipt, issue };
  }

  /**
   * Makes an issue: its id is checked under the lock, so that no two processes ever give the same one.
   * @throws {BeadInvalidError | BeadExistsError | BeadNotFoundError} (the parent). Nothing was written. Else as `append`.
   */
  async create(wanted: NewIssue, options: WriteOptions = {}): Promise<IssueReceipt> {
    checkObject("The new issue", wanted);
    const fixed = wanted.prefix ?? this.#place.prefix ?? (await this.#era?.look())?.prefix;
    return this.#one((draft) => {
      const prefix = fixed ?? usualPrefix(draft.issues);
      return createIssue(draft, wanted, { prefix, ...this.#clock.tick() });
    }, options);
  }

  /**
   * Changes fields of an issue; null takes one out. All else keeps its bytes, and `updated_at` becomes later than it was.
   * @throws {BeadNotFoundError} `ERR_BEAD_NOT_FOUND`. {@link BeadInvalidError} `ERR_BEAD_INVALID`. Nothing was written.
   * @throws {RevisionConflictError} `ERR_REVISION_CONFLICT`: not at `expectedRevision`. Nothing was written.
   * @throws {StaleFencingTokenError | LeaseLostError} the claim of `fence` is not the caller's any more. Nothing was written.
   */
  update(id: string, change: IssueChange, options: UpdateOptions = {}): Promise<IssueReceipt> {
    return this.#one((draft, nowMs) => {
      checkRevision(existing(draft, id, "update"), options.expectedRevision);
      return changeIssue(draft, id, change, nowMs);
    }, options);
  }

  /** Changes several issues: all or none, whatever crashes meanwhile. One lock, one write. Throws as `update`. */
  async batchUpdate(updates: readonly BatchUpdate[], options: WriteOptions = {}): Promise<BeadsReceipt> {
    const { receipt } = await this.#writer.change(
      (draft) => {
        for (const { id, change, expectedRevision } of updates) {
          checkRevision(existing(draft, id, "update"), expectedRevision);
          changeIssue(draft, id, change, this.#clock.now());
        }
      },
      options,
      true,
    );
    return receipt;
  }

  /** Closes an issue. One that is closed already is left as it is. Throws as `update`. */
  close(
    id: string,
    options: UpdateOptions & { readonly reason?: string | undefined } = {},
  ): Promise<IssueReceipt> {
    const { reason: close_reason } = options;
    return this.update(
      id,
      ({ status }) => (status === "closed" ? {} : { status: "closed", close_reason }),
      options,
    );
  }

  /** Opens a closed issue again; any other is left as it is. Throws as `update`. */
  reopen(id: string, options: UpdateOptions = {}): Promise<IssueReceipt> {
    return this.update(id, ({ status }) => (status === "closed" ? { status: "open" } : {}), options);
  }

  /**
   * Claims an issue: compare-and-set from `open`, with nobody or the actor as its assignee, to `in_progress`. With `leaseMs` the
   * claim ends by itself unless it is renewed, which happens by itself; its fence goes with each write made under it.
   *
   * @throws {AlreadyClaimedError} `ERR_ALREADY_CLAIMED`. {@link NotClaimableError} `ERR_NOT_CLAIMABLE`. Nothing was written.
   */
  async claim(id: string, request: ClaimRequest, options: WriteOptions = {}): Promise<Claim> {
    checkRequest(request);
    const now = instantOf();
    const receipt = await this.#one((draft, nowMs) => claimIssue(draft, id, request, nowMs, now), options);
    return this.#claimOf(id, request.actor, receipt, options);
  }

  /**
   * Claims the first ready issue, chosen under the lock: no two actors get the same one. What is in progress under a lease that is
   * over counts as ready, so that the work of who died is done. Undefined where there is none.
   */
  async claimReady(
    request: ClaimRequest,
    options: WriteOptions & ReadyOptions = {},
  ): Promise<Claim | undefined> {
    checkRequest(request);
    const now = instantOf();
    const { value, receipt } = await this.#writer.change((draft) => {
      const nowMs = this.#clock.now();
      const first = firstClaimable(draft, request.actor, { nowMs, ...options }, now);
      return first && claimIssue(draft, first.id, request, nowMs, now);
    }, options);
    return value && this.#claimOf(value.id, request.actor, { ...receipt, issue: value }, options);
  }

  /**
   * Makes one issue depend on another.
   * @throws {DependencyCycleError} `ERR_DEPENDENCY_CYCLE`, with the circle. {@link BeadNotFoundError}. Nothing was written.
   */
  addDependency(
    id: string,
    target: string,
    options: WriteOptions & NewDependency = {},
  ): Promise<IssueReceipt> {
    return this.#one((draft, nowMs) => addDependency(draft, id, target, options, nowMs), options);
  }

  /** Takes a dependency out, of all types or of one. One that is not there changes nothing. Throws as `update`. */
  removeDependency(
    id: string,
    target: string,
    options: WriteOptions & { readonly type?: DependencyType | undefined } = {},
  ): Promise<IssueReceipt> {
    return this.#one((draft, nowMs) => removeDependency(draft, id, target, options.type, nowMs), options);
  }

  /** Adds a comment. Throws as `update`. */
  comment(id: string, comment: NewComment, options: WriteOptions = {}): Promise<IssueReceipt> {
    return this.#one((draft, nowMs) => addComment(draft, id, comment, nowMs, randomUuidV7), options);
  }

  /** Takes void lines out of the file. It happens by itself now and then; what stays keeps its bytes and its place. */
  async compact(options: WriteOptions = {}): Promise<BeadsReceipt> {
    return await this.#writer.compact(options);
  }

  /** Ends watches and, where the directory was given, the store. Later calls throw `ERR_CLOSED`. */
  async dispose(): Promise<void> {
    if (this.#place.ownsStore) await this.#place.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #claimOf(id: string, actor: string, receipt: IssueReceipt, options: WriteOptions): Claim {
    return new Claim(id, actor, receipt, (work, wait) =>
      this.#one(work, { ...options, ...wait, fence: undefined }),
    );
  }

  async #one(
    work: (draft: IssuesDraft, nowMs: number) => Issue,
    options: WriteOptions,
  ): Promise<IssueReceipt> {
    const { value, receipt } = await this.#writer.change((draft) => work(draft, this.#clock.now()), options);
    return { ...receipt, issue: value };
  }
}
