import { type CursorRules, LogCursor, type LogSink } from "./log-cursor.ts";
import type { LogProblems } from "./log-problems.ts";

/** All records of a log, kept between reads so that reading again costs only what was added. */
export class LogSnapshot<T> {
  readonly #cursor: LogCursor<T>;
  #records: T[] = [];
  #frozen: readonly T[] | undefined;
  readonly #sink: LogSink<T> = {
    apply: (record) => void this.#records.push(record),
    reset: () => void (this.#records = []),
  };

  constructor(rules: CursorRules) {
    this.#cursor = new LogCursor(rules);
  }

  async read(): Promise<readonly T[]> {
    const { entries, reset } = await this.#cursor.advance(this.#sink);
    return this.#publish(entries > 0 || reset);
  }

  readSync(): readonly T[] {
    const { entries, reset } = this.#cursor.advanceSync(this.#sink);
    return this.#publish(entries > 0 || reset);
  }

  problems(): LogProblems {
    return this.#cursor.problems();
  }

  get damagedLines(): number {
    return this.#cursor.damagedLines;
  }

  /** The array never changes under those who have it. Nothing new, same array. */
  #publish(changed: boolean): readonly T[] {
    if (changed || this.#frozen?.length !== this.#records.length)
      this.#frozen = Object.freeze(this.#records.slice());
    return this.#frozen;
  }
}
