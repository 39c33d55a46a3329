import type { LogCursor, LogSink } from "../log/log-cursor.ts";
import { RecordLine } from "../log/record-line.ts";

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
        const id = this.#id(record);
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
      const value = record instanceof RecordLine ? (JSON.parse(record.text) as T) : (record as T);
      const id = this.#id(value);
      if (id === undefined) continue;
      if (this.#ids.has(id) || seen.has(id)) duplicates.push(at);
      seen.add(id);
    }
    return duplicates;
  }

  #id(record: T): string | undefined {
    const id: unknown = this.#idOf(record);
    if (id === undefined || typeof id === "string") return id;
    throw new TypeError(`idOf must return a string or undefined, got ${id === null ? "null" : typeof id}`);
  }
}
