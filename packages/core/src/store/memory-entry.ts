import { LineBlock } from "../log/line-block.ts";
import type { LogRules } from "../log/log-options.ts";
import type { ProblemList } from "../log/log-problems.ts";
import { parseLines } from "../log/parse-lines.ts";
import { ProblemList as Problems } from "../log/log-problems.ts";
import type { MemoryCell } from "./memory-space.ts";
import type { StoreEntry, StoreLogAdvance, StoreLogCursor, StoreLogSink } from "./store-log.ts";

/** An entry of a log in memory. */
export class MemoryEntry<T> implements StoreEntry<T> {
  readonly record: T;
  readonly position: number;
  readonly text: string;

  constructor(record: T, position: number, text: string) {
    this.record = record;
    this.position = position;
    this.text = text;
  }
}

/** The entries of lines from a position on, read by the rules that files are read by. */
export function* readLines<T>(
  lines: readonly string[],
  from: number,
  rules: LogRules,
  problems: ProblemList,
): Generator<MemoryEntry<T>, void, undefined> {
  for (let position = from; position < lines.length; position += 1) {
    const text = lines[position] ?? "";
    const block = new LineBlock(Buffer.from(`${text}\n`), 0, position + 1);
    const found: MemoryEntry<T>[] = [];
    const visitor = {
      record: (record: T): void => void found.push(new MemoryEntry(record, position, text)),
      problem: (...[problem, cause]: Parameters<ProblemList["add"]>): void => problems.add(problem, cause),
    };
    parseLines(block, { schema: rules.schema, maxDepth: rules.limits.maxDepth }, visitor, () => {});
    yield* found;
  }
}

/** What a cursor reads. */
interface Lines {
  readonly cell: MemoryCell;
  readonly lines: readonly string[];
  readonly rules: LogRules;
}

/** A reader of a log in memory that remembers how far it came. */
export class MemoryLogCursor<T> implements StoreLogCursor<T> {
  readonly #log: Lines;
  readonly #prepare: () => void;
  #position: number;
  #rewritten: number;

  constructor(log: Lines, prepare: () => void, from = 0) {
    this.#log = log;
    this.#prepare = prepare;
    this.#position = from;
    this.#rewritten = log.cell.rewritten;
  }

  get position(): number {
    return this.#position;
  }

  // oxlint-disable-next-line typescript/require-await
  async advance(sink: StoreLogSink<T>): Promise<StoreLogAdvance> {
    this.#prepare();
    return this.advanceSync(sink);
  }

  advanceSync(sink: StoreLogSink<T>): StoreLogAdvance {
    const { cell, lines, rules } = this.#log;
    const reset = this.#rewritten !== cell.rewritten && this.#position > 0;
    this.#rewritten = cell.rewritten;
    if (reset) {
      this.#position = 0;
      sink.reset();
    }
    let entries = 0;
    const problems = new Problems(rules.path, rules.onCorrupt);
    for (const entry of readLines<T>(lines, this.#position, rules, problems)) {
      this.#position = entry.position;
      sink.apply(entry.record, entry);
      this.#position = entry.position + 1;
      entries += 1;
    }
    this.#position = Math.max(this.#position, reset || entries > 0 ? lines.length : this.#position);
    return { entries, reset, position: this.#position };
  }
}
