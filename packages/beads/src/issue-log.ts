import {
  LogCorruptError,
  type Durability,
  type Fence,
  type LogDraft,
  type LogReceipt,
  type Store,
  type StoreLock,
  type StoreLog,
  type StoreLogCursor,
} from "@flockwork/core";
import { conflictMarkerOf } from "./conflict-markers.ts";
import type { DaemonCycle } from "./daemon-cycle.ts";
import { ConflictMarkersError } from "./errors.ts";
import { oneLineEach } from "./fold-entries.ts";
import { lineSchema, type IssueRecord } from "./issue-line.ts";
import { IssueRewrites, type RewriteLog } from "./issue-rewrites.ts";
import { IssueState } from "./issue-state.ts";
import { IssuesDraft, type ChangedIssue } from "./issues-draft.ts";
import { linesOf } from "./lines-of.ts";

/** What a damaged line in the file does. */
export type OnDamage =
  /** Reading and writing throw, and name the line. The default. */
  | "error"
  /** It is passed over and stays where it is, whatever is written. `doctor` tells of it. */
  | "keep";

/** Where the issues of a log lie, and how they are written. */
export interface IssueLogOptions {
  readonly store: Store;
  /** Name of the log in the store. */
  readonly name: string;
  readonly layout: Parameters<Store["log"]>[0]["layout"];
  readonly durability: Durability;
  readonly onDamage: OnDamage;
  /** The daemon that may write the same file, where there may be one. */
  readonly daemon?: DaemonCycle | undefined;
}

/** Bounds and conditions of one write. */
export interface WriteOptions {
  /** Milliseconds to wait for the lock. Default 30 000; 0 tries once, `Infinity` waits until `signal` aborts. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait: the call rejects with `signal.reason`, and nothing was written. */
  readonly signal?: AbortSignal | undefined;
  /** The lease under which this is written: that of a claim (`claim.fence`), or another one of the store. Stale: an error. */
  readonly fence?: Fence | undefined;
  /** Default: that of `openBeads`. */
  readonly durability?: Durability | undefined;
}

/** What became of a change. */
export interface Changed<R> {
  readonly value: R;
  readonly changed: readonly ChangedIssue[];
  readonly receipt: Pick<LogReceipt, "revision" | "durability">;
}

/** Works out a change; what it throws changes nothing. */
export type Work<R> = (draft: IssuesDraft) => R;

/** A state, and how far it has come. */
interface View {
  readonly state: IssueState;
  readonly cursor: StoreLogCursor<IssueRecord>;
}

/** How much of a file may be void, beyond as much as is not, before that is taken out. */
const spare = { lines: 256, bytes: 1 << 20 } as const;

/** The issue log of a store, and what its lines add up to, brought up to date by reading what is new. */
export class IssueLog {
  readonly log: StoreLog<IssueRecord>;
  readonly #lock: StoreLock;
  readonly #store: Store;
  #view: View;
  readonly #name: string;
  readonly #rewrites: IssueRewrites;
  readonly #rewrite: RewriteLog;

  constructor({ store, name, layout, durability, onDamage, daemon }: IssueLogOptions) {
    this.#name = name;
    this.#store = store;
    const onCorrupt = onDamage === "keep" ? "keep" : "error";
    this.log = store.log<IssueRecord>({ name, layout, durability, onCorrupt, schema: lineSchema as never });
    this.#lock = store.lock(name, { layout });
    this.#view = { state: new IssueState(), cursor: this.log.cursor() };
    this.#rewrite = (work, options) =>
      daemon === undefined ? this.log.rewrite(work, options) : daemon.rewrite(this.log, work, options);
    this.#rewrites = new IssueRewrites(this.#rewrite);
  }

  /** What was read last. */
  get state(): IssueState {
    return this.#view.state;
  }

  /** Reads what is new, without a lock. */
  async refresh(): Promise<IssueState> {
    const { cursor, state } = this.#view;
    await this.#named(cursor.advance(state));
    return state;
  }

  /**
   * Changes issues by appending their new lines: what it costs does not depend on how many there are.
   * @param options.several - The change may be of several issues, which a crash must not part.
   */
  async append<R>(work: Work<R>, options: WriteOptions, several = false): Promise<Changed<R>> {
    let changed: readonly ChangedIssue[] = [];
    const decide = async (draft: LogDraft<IssueRecord>): Promise<R> => {
      const { cursor, state } = this.#viewWithTexts();
      await draft.advance(cursor, state);
      const issues = new IssuesDraft(state);
      const value = work(issues);
      changed = [...issues.changed.values()];
      draft.append(...linesOf(changed));
      return value;
    };
    const result = await this.#named(
      several ? this.#together(decide, options) : this.log.transact(decide, options),
    );
    if (this.#isOverdue()) await this.compact(options).catch(ignore); // the next write tries again
    return { value: result.value, changed, receipt: result };
  }

  /** One line is written or not; of several a crash in the middle of the write would leave the first. */
  async #together<R>(
    decide: (draft: LogDraft<IssueRecord>) => Promise<R>,
    options: WriteOptions,
  ): Promise<LogReceipt & { readonly value: R }> {
    const { value, members } = await this.#store.transact(
      { issues: this.log },
      ({ issues }) => decide(issues),
      options,
    );
    return { ...members.issues, value };
  }

  /** Appends lines as they are, without looking at what is there. */
  appendBlindly(changed: readonly ChangedIssue[], options: WriteOptions): Promise<LogReceipt> {
    return this.#named(this.log.appendMany(linesOf(changed), options));
  }

  /** Changes issues by writing the whole file anew, one line for each issue, sorted by id. Concurrent calls share one write. */
  rewrite<R>(work: Work<R>, options: WriteOptions): Promise<Changed<R>> {
    return this.#named(this.#rewrites.submit(work, options));
  }

  /** Takes out void lines. What stays keeps its bytes and its place. */
  compact(options: WriteOptions): Promise<LogReceipt> {
    return this.#named(this.#rewrite((entries) => oneLineEach(entries, new Map(), false) as never, options));
  }

  /** Keeps every other writer of ours out while somebody else's program writes. */
  exclusively<R>(work: () => Promise<R>, { timeoutMs, signal }: WriteOptions): Promise<R> {
    return this.#lock.withWrite(work, { timeoutMs, signal });
  }

  #isOverdue(): boolean {
    const { superseded, issues, bytes } = this.state;
    return superseded > issues.size + spare.lines || bytes.void > bytes.live + spare.bytes;
  }

  /**
   * Who changes issues needs their lines; who only reads them does not pay for keeping them. The first change of a reader reads
   * the file once more.
   */
  #viewWithTexts(): View {
    if (!this.#view.state.keepsTexts)
      this.#view = { state: new IssueState({ keepsTexts: true }), cursor: this.log.cursor() };
    return this.#view;
  }

  /** The first line of a file that git could not merge is a marker: it has a name and a remedy of its own. */
  async #named<R>(result: Promise<R>): Promise<R> {
    try {
      return await result;
    } catch (error) {
      if (!(error instanceof LogCorruptError)) throw error;
      const found = /"([<|=>]{7}[^"]*)/.exec(error.message)?.[1];
      if (conflictMarkerOf(found) === undefined) throw error;
      throw new ConflictMarkersError(this.#name, error.line);
    }
  }
}

function ignore(): void {}
