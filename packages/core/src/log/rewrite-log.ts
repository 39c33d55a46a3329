import { type AppendReceipt } from "../atomic/append-lines.ts";
import { commitReplacement, type CommitLock } from "../atomic/commit-replacement.ts";
import { logRevision } from "../atomic/log-revision.ts";
import { type ByteRange, quarantine, type Quarantined } from "../atomic/quarantine.ts";
import { WriteFailedError } from "../errors.ts";
import type { Durability } from "../options.ts";
import { encodeRecord } from "./encode-record.ts";
import { KeptDamage } from "./kept-damage.ts";
import type { LineBlock } from "./line-block.ts";
import { LineReader } from "./line-reader.ts";
import { type LogEntry, ReadEntry } from "./log-entry.ts";
import type { LogRules } from "./log-options.ts";
import { ProblemList } from "./log-problems.ts";
import { asReadFailure, openLog, type OpenLog } from "./open-log.ts";
import { parseLines } from "./parse-lines.ts";

/** What a rewrite keeps, in its new order: entries it was given (their bytes stay) and records (written anew). */
export type Rewritten<T> = Iterable<LogEntry<T> | T>;

/** What was done to the file besides the rewriting. */
export interface RewriteReceipt extends AppendReceipt {
  /** Damaged lines that were moved aside. */
  readonly corrupt?: Quarantined | undefined;
}

/** How a rewrite works; see `JsonlLog.rewrite`. */
export interface RewriteRequest<T> {
  readonly rules: LogRules;
  readonly durability: Durability;
  readonly rewrite: (entries: readonly LogEntry<T>[]) => Rewritten<T> | Promise<Rewritten<T>>;
}

/** Rewrites a log for a caller that holds its exclusive lock. */
export async function rewriteLog<T>(lock: CommitLock, request: RewriteRequest<T>): Promise<RewriteReceipt> {
  const { rules, durability } = request;
  const log = openLog(lock.targetPath);
  try {
    const found = log === undefined ? nothing<T>() : await readAll<T>(log, rules);
    const kept = checkRewritten<T>(await request.rewrite(found.entries));
    const bytes = encodeAll(kept, rules, found);
    const torn = log === undefined || found.end === log.size ? [] : [{ start: found.end, end: log.size }];
    const changed = found.damaged.length > 0 || torn.length > 0 || !(await holds(log, bytes));
    const quarantined = log && moveAside(log, "torn", torn);
    const corrupt = log && moveAside(log, "corrupt", found.damaged);
    if (changed) await commitReplacement(lock, bytes, { durability });
    const revision = logRevision(bytes.length, bytes);
    return {
      revision,
      changed,
      durability,
      offset: 0,
      nextOffset: bytes.length,
      ...(quarantined && { quarantined }),
      ...(corrupt && { corrupt }),
    };
  } finally {
    log?.close();
  }
}

interface Found<T> {
  readonly entries: readonly LogEntry<T>[];
  /** To be moved aside. */
  readonly damaged: readonly ByteRange[];
  readonly keptDamage: KeptDamage<T>;
  /** The end of the last whole line. */
  readonly end: number;
  readonly byteOrderMark: boolean;
}

function nothing<T>(): Found<T> {
  return { entries: [], damaged: [], keptDamage: new KeptDamage(), end: 0, byteOrderMark: false };
}

async function readAll<T>(log: OpenLog, rules: LogRules): Promise<Found<T>> {
  const entries: LogEntry<T>[] = [];
  const damaged: ByteRange[] = [];
  const keptDamage = new KeptDamage<T>();
  let end = 0;
  let byteOrderMark = false;
  // A line that a schema refuses is somebody's record: a rewrite that cannot show it must not drop it.
  const strict = new ProblemList(rules.path, "error");
  const problems = new ProblemList(rules.path, rules.onCorrupt);
  const parse = { schema: rules.schema, maxDepth: rules.limits.maxDepth };
  const reader = new LineReader(
    log.path,
    log.fd,
    { offset: 0, line: 1 },
    log.size,
    rules.limits.maxLineBytes,
  );
  try {
    for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
      const from = block;
      byteOrderMark ||= from.offset === 0 && from.texts[0]?.startsWith("\uFEFF") === true;
      const visitor = {
        record: (record: T, at: LineBlock, index: number): void =>
          void entries.push(new ReadEntry(record, at, index)),
        problem: (...[problem, cause]: Parameters<ProblemList["add"]>): void => {
          const stays = rules.onCorrupt === "keep";
          (problem.kind === "refused" && !stays ? strict : problems).add(problem, cause);
          const range = { start: problem.byteOffset, end: from.offsetOf(problem.line - from.line + 1) };
          if (!stays) damaged.push(range);
          else {
            const line = from.bytes.subarray(range.start - from.offset, range.end - from.offset);
            keptDamage.add(entries.length - 1, line);
          }
        },
      };
      parseLines(from, parse, visitor, () => {});
      end = from.offset + from.bytes.length;
    }
  } catch (error) {
    throw asReadFailure(log.path, error);
  }
  return { entries, damaged, keptDamage, end, byteOrderMark };
}

/** A string is iterable too, and its characters would replace the log. */
function checkRewritten<T>(kept: unknown): Rewritten<T> {
  const isCollection =
    typeof kept === "object" &&
    kept !== null &&
    !(kept instanceof String) &&
    !ArrayBuffer.isView(kept) &&
    typeof (kept as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
  if (isCollection) return kept as Rewritten<T>;
  const got = kept === null ? "null" : typeof kept;
  throw new TypeError(
    `rewrite must return an array, or another iterable, of entries and records, got ${got}. Nothing was changed.`,
  );
}

function encodeAll<T>(kept: Rewritten<T>, rules: LogRules, found: Found<T>): Buffer {
  const items = [...kept];
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
  for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
    if (!block.bytes.equals(bytes.subarray(block.offset, block.offset + block.bytes.length))) return false;
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
