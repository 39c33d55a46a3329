import { instantOf, systemClock, type Store, type StoreDocument, type WaitOptions } from "@flockwork/core";
import { randomUUID } from "node:crypto";
import { checkId, checkInstant, type InstantLike } from "./arguments.ts";
import { emptyLedger, ledgerSchema, whyLocked, type Ledger } from "./billing/ledger.ts";
import { directory, openBook } from "./book/open-book.ts";
import { rateOf } from "./money/rates.ts";
import type { TimeEntry } from "./time/entry.ts";
import { checkTimeZone, systemTimeZone } from "./time/local-day.ts";
import type { AddOptions, OpenTimeTrackingOptions, TimeReceipt } from "./time-options.ts";
import { TimeReader } from "./time-reader.ts";
import { Batches, type Committed, type Operation } from "./timers/batch.ts";
import type { Board } from "./timers/board.ts";
import { addEntry, confirmEntry, editEntry, removeEntry, undoOperation } from "./timers/edit-entry.ts";
import { readAddition, readEdit, type EditOptions } from "./timers/read-options.ts";
import type { TimerRules } from "./timers/rules.ts";
import { lastUndoable, partsOf } from "./timers/undo.ts";

/** Entries by hand, and the one way in which anything about time is changed. */
export class EntryKeeping extends TimeReader {
  /** The store it lies in: for sessions, and for commits of your own. */
  readonly store: Store;
  /** The zone of work that names none. */
  readonly timeZone: string;
  protected readonly ledgerDocument: StoreDocument<Ledger>;
  readonly #batches: Batches;
  readonly #maxPerOwner: number;
  readonly #newId: () => string;

  constructor(store: Store, options: OpenTimeTrackingOptions = {}) {
    const { clock = systemClock, timeZone = systemTimeZone(), maxPerOwner = Infinity, newId } = options;
    checkTimeZone("timeZone", timeZone);
    super(store, clock, openBook(store, options, timeZone));
    this.store = store;
    this.timeZone = timeZone;
    if (maxPerOwner !== Infinity && !(Number.isSafeInteger(maxPerOwner) && maxPerOwner >= 1))
      throw new RangeError("maxPerOwner must be a whole number of 1 or more, or Infinity");
    this.#maxPerOwner = maxPerOwner;
    this.#newId = newId ?? (() => randomUUID().replaceAll("-", "").slice(0, 20));
    this.ledgerDocument = store.document<Ledger>({
      name: `${directory}/ledger.json`,
      schema: ledgerSchema,
      defaults: emptyLedger,
      durability: options.durability,
    });
    this.#batches = new Batches(store, this.book, () => this.rules());
  }

  /** Adds time by hand. @throws {OverlapError | EntryLockedError} nothing was changed. */
  async add(options: AddOptions): Promise<TimeReceipt> {
    const addition = readAddition(options, this.timeZone);
    return this.#entry("add", addition.actorId, options, (board) => addEntry(board, addition));
  }

  /** Changes an entry. @throws {TimeNotFoundError | OverlapError | EntryLockedError} nothing was changed. */
  async edit(id: string, changes: EditOptions, wait: WaitOptions = {}): Promise<TimeReceipt> {
    const fields = readEdit(changes);
    return this.#entry("edit", undefined, wait, (board) => editEntry(board, checkId("id", id), fields));
  }

  /** Removes an entry. @throws {TimeNotFoundError | EntryLockedError} nothing was changed. */
  async remove(id: string, wait: WaitOptions = {}): Promise<TimeReceipt> {
    return this.#entry("remove", undefined, wait, (board) => removeEntry(board, checkId("id", id)));
  }

  /** Accepts the end that a recovery inferred, or sets a better one. @throws {TimeNotFoundError | TimeConflictError | OverlapError} */
  async confirm(
    id: string,
    options: WaitOptions & { readonly endedAt?: InstantLike | undefined } = {},
  ): Promise<TimeReceipt> {
    const endedAtMs = options.endedAt === undefined ? undefined : checkInstant("endedAt", options.endedAt);
    return this.#entry("confirm", undefined, options, (board) =>
      confirmEntry(board, checkId("id", id), endedAtMs),
    );
  }

  /**
   * Takes back the newest operation that was not taken back yet: of an actor, or of anybody.
   * @throws {TimeConflictError} nothing is left to undo, there is no history, or somebody changed it since. Nothing was changed.
   */
  async undo(options: WaitOptions & { readonly actorId?: string | undefined } = {}): Promise<TimeReceipt> {
    const { actorId } = options;
    const choose = (history: Parameters<typeof lastUndoable>[0]): string => lastUndoable(history, actorId);
    const { record, durability } = await this.submit(
      {
        what: "undo",
        actorId,
        choose,
        run: (board, history) => undoOperation(board, partsOf(history, choose(history))),
      },
      options,
    );
    const entries = record.changes.flatMap(({ kind, after }) =>
      kind === "entry" && after !== null ? [after] : [],
    );
    return { entries, op: record.op, changed: record.changes.length > 0, durability };
  }

  /** Runs an operation of your own on the board, in one commit with what else waits. */
  submit<R>(operation: Operation<R>, wait: WaitOptions = {}): Promise<Committed<R>> {
    return this.#batches.submit(operation, { timeoutMs: wait.timeoutMs, signal: wait.signal });
  }

  /** What operations go by now. To be asked for under the lock of the book. */
  async rules(): Promise<TimerRules> {
    const ledger = (await this.ledgerDocument.read()) as Ledger;
    return {
      now: instantOf(this.clock),
      maxPerOwner: this.#maxPerOwner,
      whyLocked: (entry) => whyLocked(ledger, entry),
      rateOf: (work) => rateOf(ledger.rates, work),
      newId: this.#newId,
    };
  }

  async #entry(
    what: string,
    actorId: string | undefined,
    wait: WaitOptions,
    run: (board: Board) => TimeEntry,
  ): Promise<TimeReceipt> {
    const { value, record, durability } = await this.submit({ what, actorId, run }, wait);
    return { entries: [value], op: record.op, changed: record.changes.length > 0, durability };
  }
}
