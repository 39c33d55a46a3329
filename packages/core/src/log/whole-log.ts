import { logRevision } from "../atomic/log-revision.ts";
import { type ByteRange, quarantine, type Quarantined } from "../atomic/quarantine.ts";
import { WriteFailedError } from "../errors.ts";
import { checkRewritten } from "./check-rewritten.ts";
import { encodeRecord } from "./encode-record.ts";
import { nothing, readAll, type Found } from "./found-lines.ts";
import { LineReader } from "./line-reader.ts";
import { type LogEntry, ReadEntry } from "./log-entry.ts";
import type { LogRules } from "./log-options.ts";
import { asReadFailure, openLog, type OpenLog } from "./open-log.ts";

/** What a rewrite keeps, in its new order: entries it was given (their bytes stay) and records (written anew). */
export type Rewritten<T> = Iterable<LogEntry<T> | T>;

/** What a log is to become. */
export interface WholeRewrite {
  readonly bytes: Buffer;
  /** Records kept; damaged lines that stay are not among them. */
  readonly lines: number;
  readonly revision: string;
  /** Whether that is not what the file is already. */
  readonly changed: boolean;
}

/** What was moved out of a log that is rewritten. */
export interface MovedAside {
  readonly quarantined?: Quarantined | undefined;
  readonly corrupt?: Quarantined | undefined;
}

/** A log that is read from beginning to end, to be rewritten by a holder of its exclusive lock. Close it. */
export class WholeLog<T> {
  readonly entries: readonly LogEntry<T>[];
  /** Names what was read, as a document's revision does; undefined where there is no file. */
  readonly contentRevision: string | undefined;
  readonly #log: OpenLog | undefined;
  readonly #rules: LogRules;
  readonly #found: Found<T>;

  private constructor(log: OpenLog | undefined, rules: LogRules, found: Found<T>) {
    this.#log = log;
    this.#rules = rules;
    this.#found = found;
    this.entries = found.entries;
    this.contentRevision = found.revision;
  }

  /** @throws {LogCorruptError | TooLargeError | ReadFailedError | UnsafePathError} nothing was changed. */
  static async read<T>(path: string, rules: LogRules): Promise<WholeLog<T>> {
    const log = openLog(path);
    try {
      return new WholeLog(log, rules, log === undefined ? nothing<T>() : await readAll<T>(log, rules));
    } catch (error) {
      log?.close();
      throw error;
    }
  }

  /**
   * What it becomes when these are kept.
   * @throws {TypeError | RecordInvalidError | TooLargeError | ReadFailedError} nothing was changed.
   */
  async keep(kept: unknown): Promise<WholeRewrite> {
    const items = [...(checkRewritten(kept) as Iterable<LogEntry<T> | T>)];
    const bytes = encodeAll(items, this.#rules, this.#found);
    const changed =
      this.#found.damaged.length > 0 || this.#torn.length > 0 || !(await holds(this.#log, bytes));
    return { bytes, lines: items.length, revision: logRevision(bytes.length, bytes), changed };
  }

  /** Copies what a rewrite drops that is no record. @throws {WriteFailedError} the log was not changed. */
  moveAside(): MovedAside {
    const log = this.#log;
    if (log === undefined) return {};
    const quarantined = moveAside(log, "torn", this.#torn);
    const corrupt = moveAside(log, "corrupt", this.#found.damaged);
    return { ...(quarantined && { quarantined }), ...(corrupt && { corrupt }) };
  }

  close(): void {
    this.#log?.close();
  }

  get #torn(): readonly ByteRange[] {
    const { end } = this.#found;
    return this.#log === undefined || end === this.#log.size ? [] : [{ start: end, end: this.#log.size }];
  }
}

function encodeAll<T>(items: readonly (LogEntry<T> | T)[], rules: LogRules, found: Found<T>): Buffer {
  const mark = found.byteOrderMark ? "\uFEFF" : "";
  const lines = items.map((item, index) =>
    item instanceof ReadEntry ? item.text : encodeRecord(rules, item, index),
  );
  if (found.keptDamage.isEmpty) {
    return lines.length === 0 ? Buffer.alloc(0) : Buffer.from(`${mark}${lines.join("\n")}\n`);
  }
  const damage = found.keptDamage.among(found.entries, new Set<unknown>(items));
  const parts = [damage.get(undefined) ?? Buffer.alloc(0)];
  lines.forEach((line, index) => {
    parts.push(Buffer.from(`${line}\n`));
    const behind = damage.get(items[index]);
    if (behind !== undefined) parts.push(behind);
  });
  // The mark of a file whose first line is damaged belongs to that line, which has it still.
  return damage.has(undefined) ? Buffer.concat(parts) : Buffer.concat([Buffer.from(mark), ...parts]);
}

/** Whether the file already consists of these bytes. */
async function holds(log: OpenLog | undefined, bytes: Buffer): Promise<boolean> {
  if (log === undefined || log.size !== bytes.length) return log === undefined && bytes.length === 0;
  const reader = new LineReader(log.path, log.fd, { offset: 0, line: 1 }, log.size, Infinity);
  try {
    for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
      if (!block.bytes.equals(bytes.subarray(block.offset, block.offset + block.bytes.length))) return false;
    }
  } catch (error) {
    throw asReadFailure(log.path, error);
  }
  return true;
}

function moveAside(
  log: OpenLog,
  kind: "torn" | "corrupt",
  ranges: readonly ByteRange[],
): Quarantined | undefined {
  if (ranges.length === 0) return undefined;
  try {
    return quarantine(log.fd, log.path, kind, ranges);
  } catch (cause) {
    throw new WriteFailedError(log.path, "move damaged lines of", cause);
  }
}
