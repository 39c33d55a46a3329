import type { AppendReceipt } from "../atomic/append-lines.ts";
import { checkOptions } from "../options.ts";
import { checkFollowOptions, followLog, type FollowOptions } from "./follow-log.ts";
import { LogCursor } from "./log-cursor.ts";
import { logEntries } from "./log-entries.ts";
import type { LogEntry } from "./log-entry.ts";
import { checkLogOptions, type JsonlLogOptions, type LogCallOptions, type LogRules } from "./log-options.ts";
import type { LogProblems } from "./log-problems.ts";
import { LogSnapshot } from "./log-snapshot.ts";
import type { LogTransaction } from "./log-transaction.ts";
import { LogWriter } from "./log-writer.ts";
import type { RewriteReceipt } from "./rewrite-log.ts";
import type { Rewritten } from "./whole-log.ts";

/**
 * A file of JSON values, one a line, that many processes append to and read. Make it with {@link jsonlLog}.
 *
 * A record is committed by its newline. Reading takes no lock and never returns a line without one; appending takes the
 * exclusive lock, for all callers of this process at once.
 */
export class JsonlLog<T> {
  /** The file, as an absolute path. */
  readonly path: string;
  readonly #writer: LogWriter<T>;
  readonly #rules: LogRules;
  readonly #snapshot: LogSnapshot<T>;

  constructor(path: string, options: JsonlLogOptions<T> = {}) {
    this.#rules = checkLogOptions(path, options);
    this.path = this.#rules.path;
    this.#writer = new LogWriter(this.#rules, options);
    this.#snapshot = new LogSnapshot(this.#rules);
  }

  /**
   * Appends one record. Resolves when it survives what `durability` names.
   *
   * @throws {RecordInvalidError | TooLargeError} the record may not be stored; nothing was written.
   * @throws What `appendLines` throws, which says what state the disk is in.
   */
  append(record: T, options: LogCallOptions = {}): Promise<AppendReceipt> {
    return this.appendMany([record], options);
  }

  /**
   * Appends records, all of them or none, whatever fails; only a crash in the very middle of the write may leave the first of
   * them, unacknowledged. What must never be half done belongs into one record. See {@link append}.
   */
  appendMany(records: readonly T[], options: LogCallOptions = {}): Promise<AppendReceipt> {
    return this.#writer.append(records, options);
  }

  /** The synchronous twin of {@link append}. @throws {LockReentryError} this thread holds the lock asynchronously. */
  appendSync(record: T, options: LogCallOptions = {}): AppendReceipt {
    return this.#writer.appendSync([record], options);
  }

  /** The synchronous twin of {@link appendMany}. */
  appendManySync(records: readonly T[], options: LogCallOptions = {}): AppendReceipt {
    return this.#writer.appendSync(records, options);
  }

  /**
   * All records, without a lock. Reading again costs only what was added: the records are kept, and the same array is returned
   * while nothing was added. They are shared, not frozen: do not change them.
   *
   * @throws {LogCorruptError} `ERR_LOG_CORRUPT` at `onCorrupt: "error"`. The bytes were left as they are.
   */
  async read(): Promise<readonly T[]> {
    const records = await this.#snapshot.read();
    if (this.#rules.onCorrupt !== "quarantine" || this.#snapshot.damagedLines === 0) return records;
    await this.#writer.moveDamageAside();
    return await this.#snapshot.read();
  }

  /** The synchronous twin of {@link read}. It moves nothing aside: `"quarantine"` works as `"skip"` here. */
  readSync(): readonly T[] {
    return this.#snapshot.readSync();
  }

  /** The lines that {@link read} passed over. */
  problems(): LogProblems {
    return this.#snapshot.problems();
  }

  /**
   * The entries there are now, one by one, without a lock and without keeping them. Reads one state of the file even if it is
   * replaced meanwhile. `"quarantine"` works as `"skip"` here.
   *
   * @param options.from - Byte offset of a line to begin at. Default 0.
   */
  entries(options: { readonly from?: number | undefined } = {}): AsyncIterable<LogEntry<T>> {
    checkOptions(options);
    return logEntries(this.#rules, options.from ?? 0);
  }

  /** A reader that remembers how far it came; see {@link LogCursor}. */
  cursor(): LogCursor<T> {
    return new LogCursor(this.#rules);
  }

  /**
   * The entries there are, then those appended later by any process, until the signal aborts. Idle, it costs one look a
   * second. Keeps the process alive. Every entry comes once; after a rewrite everything comes again, see `onReset`.
   *
   * @example
   * for await (const { record } of log.follow({ signal })) console.log(record);
   */
  follow(options: FollowOptions = {}): AsyncIterable<LogEntry<T>> {
    checkFollowOptions(options);
    return followLog(this.#rules, options);
  }

  /**
   * Reads, decides and appends under one hold of the exclusive lock: nobody appends between what `decide` sees and what it
   * adds. Concurrent calls of this process share one hold and one fsync; each decision sees the lines of those before it.
   *
   * `decide` may be asynchronous, but everyone waits for it: keep it short. Keep state in a cursor and bring it up to date
   * with `cursor.advanceSync(state)`; it sees the log as it is, not what this decision is about to add.
   *
   * @returns What `decide` returned, once its records survive what `durability` names.
   * @throws What `decide` throws: nothing of it was appended. What `append` throws.
   * @example
   * const { value: job } = await log.transact((transaction) => {
   *   cursor.advanceSync(queue);
   *   const job = queue.next();
   *   if (job !== undefined) transaction.append({ type: "claimed", id: job.id });
   *   return job;
   * });
   */
  transact<R>(
    decide: (transaction: LogTransaction<T>) => R | Promise<R>,
    options: LogCallOptions = {},
  ): Promise<AppendReceipt & { readonly value: R }> {
    return this.#writer.transact(this.#snapshot, decide, options);
  }

  /**
   * Replaces the log by what `rewrite` returns, under the exclusive lock and in one step: readers see the old log or the new
   * one. Entries keep their bytes; records are written anew. Cursors and followers notice and start over.
   *
   * Nothing is lost by it: a torn tail and, unless `onCorrupt` is `"error"`, damaged lines are moved aside first.
   *
   * @throws {LogCorruptError} a line is damaged (at `"error"`), or the schema refuses it (always). Nothing was changed.
   * @throws {TypeError} `rewrite` is no function, or returned no iterable (a string does not count). Nothing was changed.
   * @throws What `replaceFile` throws, which says what state the disk is in.
   * @example
   * await log.rewrite((entries) => entries.filter(({ record }) => !record.done));
   */
  rewrite(
    rewrite: (entries: readonly LogEntry<T>[]) => Rewritten<T> | Promise<Rewritten<T>>,
    options: LogCallOptions = {},
  ): Promise<RewriteReceipt> {
    return this.#writer.rewrite(rewrite, options);
  }
}

/**
 * A log of JSON records in a file, one a line. Nothing is opened or created before it is used; objects for one file share
 * their locks, writes and fsyncs.
 *
 * @example
 * const log = jsonlLog<Event>("events.jsonl");
 * await log.append({ type: "started", at: new Date().toISOString() });
 */
export function jsonlLog<T = unknown>(path: string, options: JsonlLogOptions<T> = {}): JsonlLog<T> {
  return new JsonlLog(path, options);
}
