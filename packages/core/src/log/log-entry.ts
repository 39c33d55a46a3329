import type { LineBlock } from "./line-block.ts";

/**
 * A record and its line. The record is a plain value straight from JSON.parse; it is shared with everyone who read the same
 * log object and not frozen (freezing costs as much as parsing), so do not change it.
 */
export interface LogEntry<T> {
  readonly record: T;
  /** Byte offset of the line in the file. */
  readonly offset: number;
  /** Byte offset of the next line: where reading goes on after this entry. */
  readonly nextOffset: number;
  /** Number of the line, from 1; blank lines count. Counted from where reading began if that was not the beginning. */
  readonly line: number;
  /** The line as it stands in the file, without its newline; a `\r` before it is kept. */
  readonly text: string;
}

/** An entry that works its facts out when asked. */
export class ReadEntry<T> implements LogEntry<T> {
  readonly record: T;
  readonly #block: LineBlock;
  readonly #index: number;

  constructor(record: T, block: LineBlock, index: number) {
    this.record = record;
    this.#block = block;
    this.#index = index;
  }

  get offset(): number {
    return this.#block.offsetOf(this.#index);
  }

  get nextOffset(): number {
    return this.#block.offsetOf(this.#index + 1);
  }

  get line(): number {
    return this.#block.line + this.#index;
  }

  get text(): string {
    const text = this.#block.texts[this.#index] ?? "";
    return this.#index === 0 && this.#block.offset === 0 ? withoutByteOrderMark(text) : text;
  }
}

const byteOrderMark = "\uFEFF";

/** One byte order mark may begin a file. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}
