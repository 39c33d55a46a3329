import { WriteFailedError } from "../errors.ts";
import { files } from "../platform/file-system.ts";
/** Tells a file from another of the same name. */
interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
}

const trustedTailBytes = 64;
const chunkBytes = 1 << 18;
const newline = 0x0a;
/** Files remembered; the one asked for longest ago is counted anew. */
const mostFiles = 256;
const counts = new Map<string, LineCount>();

/** How many lines a log has, for callers that hold its exclusive lock. Kept from call to call, so that only new bytes are read. */
export function lineCountOf(path: string): LineCount {
  const count = counts.get(path) ?? new LineCount();
  counts.delete(path);
  counts.set(path, count);
  const [oldest] = counts.keys();
  if (counts.size > mostFiles && oldest !== undefined) counts.delete(oldest);
  return count;
}

/** Trusted as a log cursor is: in the same file, while the bytes before the offset are still those that were counted. */
export class LineCount {
  #identity: FileIdentity | undefined;
  #offset = 0;
  #lines = 0;
  #tail: Uint8Array = new Uint8Array();

  /**
   * Lines before `offset`, which is the end of one.
   * @param path - For the error.
   * @throws {WriteFailedError} the system refuses to read them; nothing was changed.
   */
  before(path: string, fd: number, offset: number): number {
    try {
      return this.#count(fd, offset);
    } catch (cause) {
      throw new WriteFailedError(path, "count the lines of", cause);
    }
  }

  #count(fd: number, offset: number): number {
    const { dev, ino, birthtimeNs } = files.fstatSync(fd);
    if (!this.#holds(fd, offset, { dev, ino, birthtimeNs })) this.#restart({ dev, ino, birthtimeNs });
    while (this.#offset < offset) {
      const bytes = read(fd, this.#offset, Math.min(chunkBytes, offset - this.#offset));
      if (bytes.length === 0) break;
      this.passed(bytes);
    }
    return this.#lines;
  }

  /** These bytes follow what was counted. */
  passed(bytes: Uint8Array): void {
    this.#lines += linesIn(bytes);
    this.#offset += bytes.length;
    this.#tail =
      bytes.length >= trustedTailBytes
        ? bytes.slice(-trustedTailBytes)
        : Buffer.concat([this.#tail, bytes]).subarray(-trustedTailBytes);
  }

  #holds(fd: number, offset: number, { dev, ino, birthtimeNs }: FileIdentity): boolean {
    const known = this.#identity;
    if (known === undefined || known.ino !== ino || known.dev !== dev || known.birthtimeNs !== birthtimeNs)
      return false;
    if (this.#offset > offset) return false;
    const { length } = this.#tail;
    return read(fd, this.#offset - length, length).equals(this.#tail);
  }

  #restart(identity: FileIdentity): void {
    this.#identity = identity;
    this.#offset = 0;
    this.#lines = 0;
    this.#tail = new Uint8Array();
  }
}

export function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) lines += 1;
  return lines;
}

function read(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, length === 0 ? 0 : files.readSync(fd, bytes, 0, length, offset));
}
