import { TooLargeError } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import { LineBlock } from "./line-block.ts";

const newline = 0x0a;
const chunkBytes = 1 << 20;
/** What remains is read at once when it is this small: quicker than a trip through libuv's threads. */
const largestSyncReadBytes = 1 << 18;

/** Where reading goes on: the byte offset and the number of the line that begins there, from 1. */
export interface LinePosition {
  readonly offset: number;
  readonly line: number;
}

/**
 * Reads whole lines from an open file, up to the last newline before `end`: what follows it may be in the middle of being
 * written, and is never returned, even if it would parse.
 */
export class LineReader {
  readonly #path: string;
  readonly #fd: number;
  readonly #end: number;
  readonly #maxLineBytes: number;
  readonly #stopAfter: number;
  #readOffset: number;
  #blockOffset: number;
  #line: number;
  /** The beginning of a line whose end has not been read yet. */
  #carry: Buffer[] = [];
  #carryBytes = 0;

  /** @param stopAfter - No block begins at or after this offset. Default: at the end. */
  constructor(
    path: string,
    fd: number,
    from: LinePosition,
    end: number,
    maxLineBytes: number,
    stopAfter: number = Infinity,
  ) {
    this.#stopAfter = stopAfter;
    this.#path = path;
    this.#fd = fd;
    this.#end = end;
    this.#maxLineBytes = maxLineBytes;
    this.#readOffset = from.offset;
    this.#blockOffset = from.offset;
    this.#line = from.line;
  }

  /** The next lines; undefined at the end. @throws {TooLargeError} a line exceeds maxLineBytes. */
  async next(): Promise<LineBlock | undefined> {
    for (;;) {
      const left = this.#end - this.#readOffset;
      if (left <= 0 || this.#blockOffset >= this.#stopAfter) return undefined;
      const buffer = Buffer.allocUnsafeSlow(Math.min(left, chunkBytes));
      const read =
        left <= largestSyncReadBytes
          ? files.readSync(this.#fd, buffer, 0, buffer.length, this.#readOffset)
          : await files.read(this.#fd, buffer, 0, buffer.length, this.#readOffset);
      if (read === 0) return undefined;
      const block = this.#accept(buffer.subarray(0, read));
      if (block !== undefined) return block;
    }
  }

  /** The synchronous twin of {@link next}. */
  nextSync(): LineBlock | undefined {
    for (;;) {
      const left = this.#end - this.#readOffset;
      if (left <= 0 || this.#blockOffset >= this.#stopAfter) return undefined;
      const buffer = Buffer.allocUnsafeSlow(Math.min(left, chunkBytes));
      const read = files.readSync(this.#fd, buffer, 0, buffer.length, this.#readOffset);
      if (read === 0) return undefined;
      const block = this.#accept(buffer.subarray(0, read));
      if (block !== undefined) return block;
    }
  }

  #accept(chunk: Buffer): LineBlock | undefined {
    this.#readOffset += chunk.length;
    const wholeBytes = chunk.lastIndexOf(newline) + 1;
    if (wholeBytes === 0) {
      this.#carryOn(chunk);
      return undefined;
    }
    const whole = chunk.subarray(0, wholeBytes);
    const bytes = this.#carryBytes === 0 ? whole : Buffer.concat([...this.#carry, whole]);
    if (bytes.length > this.#maxLineBytes) this.#checkLines(bytes);
    this.#carry = [];
    this.#carryBytes = 0;
    this.#carryOn(chunk.subarray(wholeBytes));
    const block = new LineBlock(bytes, this.#blockOffset, this.#line);
    this.#blockOffset += bytes.length;
    this.#line += block.texts.length;
    return block;
  }

  #carryOn(part: Buffer): void {
    if (part.length === 0) return;
    this.#carry.push(part);
    this.#carryBytes += part.length;
    this.#checkLength(this.#carryBytes);
  }

  #checkLines(bytes: Buffer): void {
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(newline, start);
      this.#checkLength(end - start);
      start = end + 1;
    }
  }

  #checkLength(bytes: number): void {
    if (bytes > this.#maxLineBytes)
      throw new TooLargeError(this.#path, "maxLineBytes", this.#maxLineBytes, bytes);
  }
}
