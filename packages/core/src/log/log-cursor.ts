import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { LineBlock } from "./line-block.ts";
import { LineReader } from "./line-reader.ts";
import { type LogEntry, ReadEntry } from "./log-entry.ts";
import type { LogLimits } from "./log-limits.ts";
import { type OnCorrupt, ProblemList, type LogProblems } from "./log-problems.ts";
import { LogProgress } from "./log-progress.ts";
import { asReadFailure, openLog, type OpenLog } from "./open-log.ts";
import { checkFunction, checkOptions } from "../options.ts";
import { parseLines } from "./parse-lines.ts";

/** Takes in what a log says. Both calls are synchronous; what they throw ends the advance. */
export interface LogSink<T> {
  /**
   * One more record, in the order of the log. When it throws, the cursor stays before this entry, which comes again with
   * the next advance.
   */
  apply(record: T, entry: LogEntry<T>): void;
  /** The file was rewritten, truncated or replaced: forget everything; all of it follows from its beginning. */
  reset(): void;
}

/** What an advance found. */
export interface LogAdvance {
  /** Records applied. */
  readonly entries: number;
  /** Whether the file was no longer the one that had been read, so that {@link LogSink.reset} was called. */
  readonly reset: boolean;
  /** Byte offset up to which the log is read now: the end of its last whole line, unless `maxBytes` came first. */
  readonly offset: number;
}

export interface AdvanceOptions {
  /** Stop after about so many bytes. Default: at the end of the file. */
  readonly maxBytes?: number | undefined;
}

function checkAdvance(sink: unknown, options: unknown): void {
  const { apply, reset } = (sink ?? {}) as Partial<LogSink<unknown>>;
  checkFunction("sink.apply", apply);
  checkFunction("sink.reset", reset);
  checkOptions(options);
}

/** How a cursor reads. */
export interface CursorRules {
  readonly path: string;
  readonly schema: StandardSchemaV1 | undefined;
  readonly onCorrupt: OnCorrupt;
  readonly limits: LogLimits;
}

/**
 * Replays a log bit by bit: each advance reads only what was added since the last one, without a lock.
 *
 * A line that is still being written is left for the next time. Inside `transact`, use {@link advanceSync}: under the lock
 * it reaches the very end.
 */
export class LogCursor<T> {
  readonly #rules: CursorRules;
  readonly #progress = new LogProgress();
  readonly #problems: ProblemList;

  constructor(rules: CursorRules) {
    this.#rules = rules;
    this.#problems = new ProblemList(rules.path, rules.onCorrupt);
  }

  /** Byte offset up to which the log has been read. */
  get offset(): number {
    return this.#progress.offset;
  }

  /** Number of the next line, from 1; counted from where reading began if that was not the beginning. */
  get line(): number {
    return this.#progress.position.line;
  }

  /** The lines passed over since the last reset. */
  problems(): LogProblems {
    return this.#problems.report();
  }

  /** How many lines passed over so far could be moved aside. */
  get damagedLines(): number {
    return this.#problems.damaged;
  }

  /**
   * Applies what was added. Calls may overlap: each entry goes to exactly one of them, in order.
   *
   * @throws {LogCorruptError} `ERR_LOG_CORRUPT` at `onCorrupt: "error"`; everything before the damaged line was applied.
   * @throws {TooLargeError | ReadFailedError | UnsafePathError} what was read before stays applied.
   */
  async advance(sink: LogSink<T>, options: AdvanceOptions = {}): Promise<LogAdvance> {
    checkAdvance(sink, options);
    let entries = 0;
    let reset = false;
    for (let again = true; again;) {
      again = false;
      const log = openLog(this.#rules.path);
      try {
        reset = this.#begin(log, sink) || reset;
        if (log === undefined) break;
        const reader = this.#reader(log, options);
        for (;;) {
          const { steps } = this.#progress;
          const block = await reader.next();
          again = this.#progress.steps !== steps;
          if (again || block === undefined) break;
          entries += this.#apply(log, block, sink);
        }
      } catch (error) {
        throw asReadFailure(this.#rules.path, error);
      } finally {
        log?.close();
      }
    }
    return { entries, reset, offset: this.offset };
  }

  /** The synchronous twin of {@link advance}. */
  advanceSync(sink: LogSink<T>, options: AdvanceOptions = {}): LogAdvance {
    checkAdvance(sink, options);
    const log = openLog(this.#rules.path);
    let entries = 0;
    try {
      const reset = this.#begin(log, sink);
      const reader = log && this.#reader(log, options);
      for (let block = reader?.nextSync(); block !== undefined; block = reader?.nextSync()) {
        if (log !== undefined) entries += this.#apply(log, block, sink);
      }
      return { entries, reset, offset: this.offset };
    } catch (error) {
      throw asReadFailure(this.#rules.path, error);
    } finally {
      log?.close();
    }
  }

  /**
   * Begins at a line in the middle instead of at the beginning. Call it before the first advance.
   * @throws {RangeError} `offset` is not the start of a line in the file as it is now.
   */
  startAt(offset: number): void {
    const log = openLog(this.#rules.path);
    try {
      this.#progress.startAt(log, offset);
    } finally {
      log?.close();
    }
  }

  #begin(log: OpenLog | undefined, sink: LogSink<T>): boolean {
    if (this.#progress.fits(log)) return false;
    this.#progress.restart();
    this.#problems.clear();
    sink.reset();
    return true;
  }

  #reader(log: OpenLog, { maxBytes = Infinity }: AdvanceOptions): LineReader {
    const { position } = this.#progress;
    const { maxLineBytes } = this.#rules.limits;
    // At least one whole line, whatever the bound: an advance that cannot move would be repeated for ever.
    return new LineReader(log.path, log.fd, position, log.size, maxLineBytes, position.offset + maxBytes);
  }

  #apply(log: OpenLog, block: LineBlock, sink: LogSink<T>): number {
    let entries = 0;
    let lines = block.texts.length;
    const visitor = {
      record: (record: T, from: LineBlock, index: number): void => {
        sink.apply(record, new ReadEntry(record, from, index));
        entries += 1;
      },
      problem: (...[problem, cause]: Parameters<ProblemList["add"]>): void =>
        this.#problems.add(problem, cause),
    };
    const rules = { schema: this.#rules.schema, maxDepth: this.#rules.limits.maxDepth };
    try {
      parseLines(block, rules, visitor, (index) => (lines = index));
    } finally {
      if (lines > 0) this.#progress.passed(log, block, lines);
    }
    return entries;
  }
}
