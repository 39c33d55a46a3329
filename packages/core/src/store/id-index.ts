import type { LogCursor, LogSink } from "../log/log-cursor.ts";
import { checkId, recordOf } from "./ids-in.ts";

/** The ids of the records of a log, brought up to date under its lock. */
export class IdIndex<T> {
  readonly #cursor: LogCursor<T>;
  readonly #idOf: (record: T) => string | undefined;
  readonly #ids = new Set<string>();
  readonly #sink: LogSink<T>;

  constructor(cursor: LogCursor<T>, idOf: (record: T) => string | undefined) {
    this.#cursor = cursor;
    this.#idOf = idOf;
    this.#sink = {
      apply: (record) => {
        const id = checkId(this.#idOf(record));
        if (id !== undefined) this.#ids.add(id);
      },
      reset: () => this.#ids.clear(),
    };
  }

  /** Which of these records, by their places, the log holds already, or come a second time. */
  duplicatesIn(records: readonly unknown[]): number[] {
    this.#cursor.advanceSync(this.#sink);
    const seen = new Set<string>();
    const duplicates: number[] = [];
    for (const [at, record] of records.entries()) {
      const id = checkId(this.#idOf(recordOf<T>(record)));
      if (id === undefined) continue;
      if (this.#ids.has(id) || seen.has(id)) duplicates.push(at);
      seen.add(id);
    }
    return duplicates;
  }
}
