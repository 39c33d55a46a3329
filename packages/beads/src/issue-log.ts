import type { Durability, Fence, LogDraft, LogReceipt, Store, StoreLock } from "@flockwork/core";
import type { DaemonCycle } from "./daemon-cycle.ts";
import { oneLineEach } from "./fold-entries.ts";
import type { IssueRecord } from "./issue-line.ts";
import { IssueRewrites, type RewriteLog } from "./issue-rewrites.ts";
import { IssueTexts } from "./issue-texts.ts";
import { IssueView, type IssueViewOptions } from "./issue-view.ts";
import { IssuesDraft, type ChangedIssue } from "./issues-draft.ts";
import { linesOf } from "./lines-of.ts";

/** Where the issues of a log lie, and how they are written. */
export interface IssueLogOptions extends IssueViewOptions {
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

/** How much of a file may be void, beyond as much as is not, before that is taken out. */
const spare = { lines: 256, bytes: 1 << 20 } as const;

/** The issue log of a store, and the ways to write it. */
export class IssueLog extends IssueView {
  readonly #lock: StoreLock;
  readonly #store: Store;
  readonly #rewrites: IssueRewrites;
  readonly #rewrite: RewriteLog;

  constructor(options: IssueLogOptions) {
    super(options);
    const { store, name, layout, daemon } = options;
    this.#store = store;
    this.#lock = store.lock(name, { layout });
    this.#rewrite = (work, bounds) =>
      daemon === undefined ? this.log.rewrite(work, bounds) : daemon.rewrite(this.log, work, bounds);
    this.#rewrites = new IssueRewrites(this.#rewrite);
  }

  /**
   * Changes issues by appending their new lines: what it costs does not depend on how many there are.
   * @param options.several - The change may be of several issues, which a crash must not part.
   */
  async append<R>(work: Work<R>, options: WriteOptions, several = false): Promise<Changed<R>> {
    let changed: readonly ChangedIssue[] = [];
    const decide = async (draft: LogDraft<IssueRecord>): Promise<R> => {
      await this.#advance(draft);
      const issues = new IssuesDraft(this.state);
      const value = work(issues);
      changed = [...issues.changed.values()];
      draft.append(...linesOf(changed));
      return value;
    };
    const result = await this.named(
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
    return this.named(this.log.appendMany(linesOf(changed), options));
  }

  /** Changes issues by writing the whole file anew, one line for each issue, sorted by id. Concurrent calls share one write. */
  rewrite<R>(work: Work<R>, options: WriteOptions): Promise<Changed<R>> {
    return this.named(this.#rewrites.submit(work, options));
  }

  /** Takes out void lines. What stays keeps its bytes and its place. */
  compact(options: WriteOptions): Promise<LogReceipt> {
    return this.named(this.#rewrite((entries) => oneLineEach(entries, new Map(), false) as never, options));
  }

  /** Keeps every other writer of ours out while somebody else's program writes. */
  exclusively<R>(work: () => Promise<R>, { timeoutMs, signal }: WriteOptions): Promise<R> {
    return this.#lock.withWrite(work, { timeoutMs, signal });
  }

  /**
   * Reads what is new, under the lock. Who changes issues needs their lines; who only reads does not pay for them, and reads the
   * file once more for its first change.
   */
  async #advance(draft: LogDraft<IssueRecord>): Promise<void> {
    const { cursor, state } = this;
    if (state.version === 0) state.keepTexts(new IssueTexts());
    await draft.advance(cursor, state);
    while (state.texts === undefined) {
      const { version } = state;
      const texts = new IssueTexts();
      await draft.advance(this.log.cursor(), texts);
      if (state.version === version) state.keepTexts(texts);
      else await draft.advance(cursor, state); // somebody who takes no lock wrote meanwhile
    }
  }

  #isOverdue(): boolean {
    const { superseded, issues, texts } = this.state;
    const { live, void: gone } = texts?.bytes ?? { live: 0, void: 0 };
    return superseded > issues.size + spare.lines || gone > live + spare.bytes;
  }
}

function ignore(): void {}
