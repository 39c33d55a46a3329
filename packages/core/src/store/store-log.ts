import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { LayoutName, LockLayout } from "../lock/lock-layout.ts";
import type { LogProblem } from "../log/parse-lines.ts";
import type { OnCorrupt } from "../log/log-problems.ts";
import type { RecordLine } from "../log/record-line.ts";
import type { Fence } from "../lease/fence.ts";
import type { Durability, Receipt, WaitOptions } from "../options.ts";
import type { MemberSpec, StoreMember } from "./store-member.ts";

/** What a log is: the same for every program that uses it, whichever store it lies in. */
export interface LogSpec<T> extends MemberSpec {
  /** Checks every record that is written or read, synchronously. Its output is not used. */
  readonly schema?: StandardSchemaV1<T, unknown> | undefined;
  /** Where neighbours look for its lock. Default `"sidecar"`. Stores without files ignore it. */
  readonly layout?: LockLayout | LayoutName | undefined;
  /** Longest record, in bytes of its line. Default 16 777 216. */
  readonly maxLineBytes?: number | undefined;
  /** Deepest nesting of a record. Default 512. */
  readonly maxDepth?: number | undefined;
  /** Damaged lines in the middle: `"error"` (default) throws, `"skip"` passes over them, `"quarantine"` moves them aside. */
  readonly onCorrupt?: OnCorrupt | undefined;
  /** Default `"disk"`: an append resolves once it survives a power loss. */
  readonly durability?: Durability | undefined;
  /**
   * What makes a record that record. With it, appending is idempotent: a record whose id the log holds already is not
   * appended again, and the receipt says so in `duplicates`. Undefined for records without one. Costs memory for every id.
   */
  readonly idOf?: ((record: T) => string | undefined) | undefined;
}

/** Bounds and conditions of one change of a log. */
export interface LogChangeOptions extends WaitOptions {
  /** Append only if this is the position the first record would get. Else `ERR_REVISION_CONFLICT`. */
  readonly expectedTail?: number | undefined;
  /** The lease under which the change is made: a stale one is refused, atomically with the write. */
  readonly fence?: Fence | undefined;
  /** Order among the changes of this process that wait: higher goes first. Default 0. */
  readonly priority?: number | undefined;
  /** Default: that of the spec. */
  readonly durability?: Durability | undefined;
}

/**
 * What a change of a log resolves to. Positions count records from 0 and have no holes; in a file, a line that is blank or
 * damaged keeps the position it takes up.
 */
export interface LogReceipt extends Receipt {
  /** The position of the first record that was appended; the tail where none was. */
  readonly position: number;
  /** The position the next record will get. */
  readonly nextPosition: number;
  /** Which records of the call, counted from 0, the log held already (`idOf` of the spec): they were not appended. */
  readonly duplicates: readonly number[];
  /** A torn tail that was found and moved aside: the name of what holds it now, and its size. */
  readonly quarantined?: { readonly name: string; readonly bytes: number } | undefined;
}

/** A record of a log, and where it stands. Records are shared with everyone who read the same handle: do not change them. */
export interface StoreEntry<T> {
  readonly record: T;
  /** Counted from 0. Stays the same until the log is rewritten. */
  readonly position: number;
  /** The record as it is stored: its line, in a file. */
  readonly text: string;
}

/** Takes in what a log says. Both calls are synchronous; what they throw ends the advance, before the entry. */
export interface StoreLogSink<T> {
  apply(record: T, entry: StoreEntry<T>): void;
  /** The log was rewritten: forget everything; all of it follows from its beginning. */
  reset(): void;
}

/** What an advance found. */
export interface StoreLogAdvance {
  /** Records applied. */
  readonly entries: number;
  /** Whether the sink was reset before them. */
  readonly reset: boolean;
  /** The position of the next record to come. */
  readonly position: number;
}

/** A reader that remembers how far it came: each advance costs only what was added. Calls may overlap. */
export interface StoreLogCursor<T> {
  /** The position of the next record to come. */
  readonly position: number;
  /**
   * Applies what was added, without a lock. Within a `transact`, give the cursor to the log's draft instead: `draft.advance`.
   * @throws {LogCorruptError} `ERR_LOG_CORRUPT` at `onCorrupt: "error"`; everything before the damage was applied.
   */
  advance(sink: StoreLogSink<T>): Promise<StoreLogAdvance>;
}

/** How a log of a store is followed. */
export interface StoreFollowOptions {
  /** Position to begin at. Default 0. */
  readonly from?: number | undefined;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the log was rewritten: what comes next begins at position 0. */
  readonly onReset?: (() => void) | undefined;
}

/** A log inside a `transact`. Valid until the work ends. */
export interface LogDraft<T> {
  /** The position that the next record appended here will get. */
  readonly tail: number;
  /** Every record of the log, without those appended here. Costs only what was added since the handle last read. */
  records(): Promise<readonly T[]>;
  /** Brings a cursor of the same log up to the tail: what it sees is what the lock protects. */
  advance(cursor: StoreLogCursor<T>, sink: StoreLogSink<T>): Promise<StoreLogAdvance>;
  /**
   * Adds records, which become visible with the commit and not before.
   * @throws {RecordInvalidError | TooLargeError} nothing of this call was added.
   */
  append(...records: readonly (T | RecordLine)[]): void;
}

/** A log inside the `transact` of a store, where it can be rewritten as well. Valid until the work ends. */
export interface WholeLogDraft<T> extends LogDraft<T> {
  /**
   * Every entry of the log, to choose from for `rewrite`; without what was appended here.
   * @throws {LogCorruptError} `ERR_LOG_CORRUPT`: a damaged line at `onCorrupt: "error"`, or one that the schema refuses.
   */
  entries(): Promise<readonly StoreEntry<T>[]>;
  /**
   * Replaces the log by these, in the commit that changes the other members. What was appended here before is dropped;
   * appending later is a `TypeError`. Positions start anew; cursors and followers notice.
   * @throws {TypeError} `kept` is no collection. What may not be stored fails the `transact`.
   */
  rewrite(kept: StoreRewritten<T>): void;
}

/** What a rewrite keeps, in its new order: entries it was given (stored as they were) and records (stored anew). */
export type StoreRewritten<T> = Iterable<StoreEntry<T> | T | RecordLine>;

/**
 * Records in one order that only grows. Appending takes the exclusive lock, for all callers of this process at once; reading
 * takes none, never sees a part of a record, and never sees one before those that come before it.
 *
 * A change that throws has changed nothing, unless it is a `CommitUncertainError`, which says that its outcome is unknown.
 */
export interface StoreLog<T> extends StoreMember {
  readonly kind: "log";

  /** @throws {RecordInvalidError | TooLargeError} nothing was written. Else as `JsonlLog.append`. */
  append(record: T | RecordLine, options?: LogChangeOptions): Promise<LogReceipt>;
  /** Appends records together. For several records that must not be half there after a crash, use the store's `transact`. */
  appendMany(records: readonly (T | RecordLine)[], options?: LogChangeOptions): Promise<LogReceipt>;
  /** All records. Reading again costs only what was added, and gives the same array while nothing was. */
  read(): Promise<readonly T[]>;
  /** The entries there are now, one by one, without keeping them. */
  entries(options?: { readonly from?: number | undefined }): AsyncIterable<StoreEntry<T>>;
  cursor(): StoreLogCursor<T>;
  /** The entries there are, then those appended later by anybody, until the signal aborts. */
  follow(options?: StoreFollowOptions): AsyncIterable<StoreEntry<T>>;
  /**
   * Reads, decides and appends under one hold of the exclusive lock. Concurrent calls of this process share one hold and one
   * sync; each decision sees the records of those before it. If `decide` throws, nothing of it is appended.
   */
  transact<R>(
    decide: (draft: LogDraft<T>) => R | Promise<R>,
    options?: LogChangeOptions,
  ): Promise<LogReceipt & { readonly value: R }>;
  /** Replaces the log in one step by what `rewrite` returns. Positions start anew; cursors and followers notice. */
  rewrite(
    rewrite: (entries: readonly StoreEntry<T>[]) => StoreRewritten<T> | Promise<StoreRewritten<T>>,
    options?: LogChangeOptions,
  ): Promise<LogReceipt>;
  /** The lines that reading passed over, at `onCorrupt: "skip"` and `"quarantine"`. */
  problems(): { readonly count: number; readonly first: readonly LogProblem[] };
}
