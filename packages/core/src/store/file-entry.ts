import type { FinishingLock } from "../intent/finish-intent.ts";
import type { LogCursor } from "../log/log-cursor.ts";
import type { LogEntry } from "../log/log-entry.ts";
import type { StoreEntry, StoreLogAdvance, StoreLogCursor, StoreLogSink } from "./store-log.ts";

/** An entry of a log file, in the words of a store. */
export class FileEntry<T> implements StoreEntry<T> {
  readonly record: T;
  readonly entry: LogEntry<T>;

  constructor(entry: LogEntry<T>) {
    this.record = entry.record;
    this.entry = entry;
  }

  get position(): number {
    return this.entry.line - 1;
  }

  get text(): string {
    return this.entry.text;
  }
}

/** What a cursor does with the file before it looks at it. */
export interface CursorFile {
  /** Called before each look without a lock. */
  prepare(): void;
  /** Called before each look of somebody who holds a lock, perhaps that of another file. */
  finish(held: FinishingLock): void;
}

/** A cursor of a log file, in the words of a store. */
export class FileLogCursor<T> implements StoreLogCursor<T> {
  readonly #cursor: LogCursor<T>;
  readonly #file: CursorFile;

  constructor(cursor: LogCursor<T>, file: CursorFile) {
    this.#cursor = cursor;
    this.#file = file;
  }

  get position(): number {
    return this.#cursor.line - 1;
  }

  async advance(sink: StoreLogSink<T>): Promise<StoreLogAdvance> {
    this.#file.prepare();
    return this.#tell(await this.#cursor.advance(asLogSink(sink)));
  }

  /** The synchronous twin, for holders of a lock; what a crash interrupted under that lock is finished first. */
  advanceSync(sink: StoreLogSink<T>, held: FinishingLock): StoreLogAdvance {
    this.#file.finish(held);
    return this.#tell(this.#cursor.advanceSync(asLogSink(sink)));
  }

  #tell({ entries, reset }: { readonly entries: number; readonly reset: boolean }): StoreLogAdvance {
    return { entries, reset, position: this.position };
  }
}

function asLogSink<T>(sink: StoreLogSink<T>): Parameters<LogCursor<T>["advance"]>[0] {
  return {
    apply: (record, entry) => sink.apply(record, new FileEntry(entry)),
    reset: () => sink.reset(),
  };
}
