import { isAscii, isUtf8 } from "node:buffer";

const newline = 0x0a;

/**
 * Some consecutive whole lines of a log. The text of each is at hand; where each begins, in bytes, is worked out when asked.
 */
export class LineBlock {
  /** Byte offset of the first line in the file. */
  readonly offset: number;
  /** Number of the first line, from 1. */
  readonly line: number;
  /** All lines with their newlines. */
  readonly bytes: Buffer;
  /** Each line without its newline; undefined where it is not UTF-8. */
  readonly texts: readonly (string | undefined)[];
  readonly #ascii: boolean;
  #offsets: readonly number[] | undefined;

  /** @param bytes - Not empty, ending in a newline. */
  constructor(bytes: Buffer, offset: number, line: number) {
    this.bytes = bytes;
    this.offset = offset;
    this.line = line;
    this.#ascii = isAscii(bytes);
    this.texts = this.#decode();
  }

  /** Byte offset in the file of the line at `index`; of the end of the block at `texts.length`. */
  offsetOf(index: number): number {
    this.#offsets ??= this.#measure();
    return this.#offsets[index] ?? this.offset + this.bytes.length;
  }

  /** Whether a key `__proto__` may be in here, spelled out or escaped. */
  mayHaveProtoKey(): boolean {
    return this.bytes.includes("__proto__") || this.bytes.includes("\\u00");
  }

  #decode(): (string | undefined)[] {
    const end = this.bytes.length - 1;
    if (this.#ascii) return this.bytes.toString("latin1", 0, end).split("\n");
    if (isUtf8(this.bytes)) return this.bytes.toString("utf8", 0, end).split("\n");
    return this.#measure().map((offset, index, offsets) => {
      const next = offsets[index + 1] ?? this.offset + this.bytes.length;
      const line = this.bytes.subarray(offset - this.offset, next - this.offset - 1);
      return isUtf8(line) ? line.toString() : undefined;
    });
  }

  #measure(): number[] {
    const offsets = [this.offset];
    for (
      let at = this.bytes.indexOf(newline);
      at < this.bytes.length - 1;
      at = this.bytes.indexOf(newline, at + 1)
    ) {
      offsets.push(this.offset + at + 1);
    }
    return offsets;
  }
}
