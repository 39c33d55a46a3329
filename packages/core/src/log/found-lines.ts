import { ContentHash } from "../atomic/content-revision.ts";
import type { ByteRange } from "../atomic/quarantine.ts";
import { KeptDamage } from "./kept-damage.ts";
import type { LineBlock } from "./line-block.ts";
import { LineReader } from "./line-reader.ts";
import { type LogEntry, ReadEntry } from "./log-entry.ts";
import type { LogRules } from "./log-options.ts";
import { ProblemList } from "./log-problems.ts";
import { asReadFailure, type OpenLog } from "./open-log.ts";
import { parseLines } from "./parse-lines.ts";

/** All that a log holds, on its way to a rewrite. */
export interface Found<T> {
  readonly entries: readonly LogEntry<T>[];
  /** To be moved aside. */
  readonly damaged: readonly ByteRange[];
  readonly keptDamage: KeptDamage<T>;
  /** The end of the last whole line. */
  readonly end: number;
  readonly byteOrderMark: boolean;
  /** Names the content of the file up to `end`; undefined where there is none. */
  readonly revision: string | undefined;
}

export function nothing<T>(): Found<T> {
  return {
    entries: [],
    damaged: [],
    keptDamage: new KeptDamage(),
    end: 0,
    byteOrderMark: false,
    revision: undefined,
  };
}

/** @throws {LogCorruptError | TooLargeError | ReadFailedError} nothing was changed. */
export async function readAll<T>(log: OpenLog, rules: LogRules): Promise<Found<T>> {
  const entries: LogEntry<T>[] = [];
  const damaged: ByteRange[] = [];
  const keptDamage = new KeptDamage<T>();
  const hash = new ContentHash();
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
      hash.add(from.bytes);
      end = from.offset + from.bytes.length;
    }
  } catch (error) {
    throw asReadFailure(log.path, error);
  }
  return { entries, damaged, keptDamage, end, byteOrderMark, revision: hash.revision() };
}
