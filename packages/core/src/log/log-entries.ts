import type { LineBlock } from "./line-block.ts";
import { LineReader } from "./line-reader.ts";
import type { CursorRules } from "./log-cursor.ts";
import { type LogEntry, ReadEntry } from "./log-entry.ts";
import { ProblemList } from "./log-problems.ts";
import { LogProgress } from "./log-progress.ts";
import { asReadFailure, openLog } from "./open-log.ts";
import { parseLines } from "./parse-lines.ts";

/** The entries of a log from `from` to its end, of one state of the file. See `JsonlLog.entries`. */
export async function* logEntries<T>(
  rules: CursorRules,
  from: number,
): AsyncGenerator<LogEntry<T>, void, undefined> {
  const log = openLog(rules.path);
  const progress = new LogProgress();
  const problems = new ProblemList(rules.path, rules.onCorrupt);
  const parse = { schema: rules.schema, maxDepth: rules.limits.maxDepth };
  try {
    progress.startAt(log, from);
    if (log === undefined) return;
    const reader = new LineReader(log.path, log.fd, progress.position, log.size, rules.limits.maxLineBytes);
    for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
      const entries: LogEntry<T>[] = [];
      let failure: { readonly error: unknown } | undefined;
      const visitor = {
        record: (record: T, at: LineBlock, index: number): void =>
          void entries.push(new ReadEntry(record, at, index)),
        problem: (...[problem, cause]: Parameters<ProblemList["add"]>): void => problems.add(problem, cause),
      };
      try {
        parseLines(block, parse, visitor, () => {});
      } catch (error) {
        failure = { error }; // what comes before the damage is yielded first
      }
      yield* entries;
      if (failure !== undefined) throw failure.error;
    }
  } catch (error) {
    throw asReadFailure(rules.path, error);
  } finally {
    log?.close();
  }
}
