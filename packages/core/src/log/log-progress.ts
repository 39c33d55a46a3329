import { files } from "../platform/file-system.ts";
import type { LineBlock } from "./line-block.ts";
import type { LinePosition } from "./line-reader.ts";
import { type FileIdentity, isSameFile, type OpenLog } from "./open-log.ts";

/** How many of the bytes before an offset must still be there for it to be trusted. */
const trustedTailBytes = 64;

/**
 * How far a log has been read: which file, how many bytes, and the last few of them. The offset is trusted only in the
 * same file, and only while the bytes just before it are still the ones that were read.
 */
export class LogProgress {
  #identity: FileIdentity | undefined;
  #offset = 0;
  #line = 1;
  #tail: Buffer = Buffer.alloc(0);
  /** Grows with every step; tells a reader that someone else got further meanwhile. */
  #steps = 0;

  get position(): LinePosition {
    return { offset: this.#offset, line: this.#line };
  }

  get offset(): number {
    return this.#offset;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whether reading may go on in this file where it ended. */
  fits(log: OpenLog | undefined): boolean {
    if (this.#offset === 0) return true;
    if (log === undefined || this.#identity === undefined || !isSameFile(this.#identity, log)) return false;
    if (log.size < this.#offset) return false;
    const { length } = this.#tail;
    const found = Buffer.alloc(length);
    return (
      files.readSync(log.fd, found, 0, length, this.#offset - length) === length && found.equals(this.#tail)
    );
  }

  /** Starts over. True when something had been read. */
  restart(): boolean {
    const had = this.#offset > 0;
    this.#identity = undefined;
    this.#offset = 0;
    this.#line = 1;
    this.#tail = Buffer.alloc(0);
    this.#steps += 1;
    return had;
  }

  /** Begins at a line in the middle. @throws {RangeError} `offset` is not the start of a line in this file. */
  startAt(log: OpenLog | undefined, offset: number): void {
    if (offset === 0) return;
    if (!Number.isSafeInteger(offset) || offset < 0 || log === undefined || offset > log.size)
      throw notALine(offset);
    const tail = Buffer.alloc(Math.min(offset, trustedTailBytes));
    files.readSync(log.fd, tail, 0, tail.length, offset - tail.length);
    if (tail.at(-1) !== 0x0a) throw notALine(offset);
    this.#identity = { dev: log.dev, ino: log.ino, birthtimeNs: log.birthtimeNs };
    this.#offset = offset;
    this.#tail = tail;
    this.#steps += 1;
  }

  /** The first `lines` lines of the block have been dealt with. */
  passed(log: OpenLog, block: LineBlock, lines: number): void {
    const end = lines === block.texts.length ? block.offset + block.bytes.length : block.offsetOf(lines);
    const bytes = block.bytes.subarray(0, end - block.offset);
    const last = bytes.subarray(-trustedTailBytes);
    const before =
      last.length < trustedTailBytes
        ? this.#tail.subarray(last.length - trustedTailBytes)
        : this.#tail.subarray(0, 0);
    this.#tail = Buffer.concat([before, last]);
    this.#identity = { dev: log.dev, ino: log.ino, birthtimeNs: log.birthtimeNs };
    this.#offset = end;
    this.#line = block.line + lines;
    this.#steps += 1;
  }
}

function notALine(offset: number): RangeError {
  return new RangeError(
    `from must be the byte offset of the start of a line, such as an entry's nextOffset; got ${offset}`,
  );
}
