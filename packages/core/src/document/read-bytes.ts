import { ReadFailedError, TooLargeError, UnsafePathError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { monotonicMs } from "../lock/clock.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { sameIdentity, type FileStats } from "./file-identity.ts";
import { settled, type Steps } from "./steps.ts";

/** The bytes of one file, and what it was while they were read. */
export interface ReadBytes {
  readonly bytes: Buffer;
  readonly stats: FileStats;
  /** When reading began, on the monotonic clock. */
  readonly readFrom: number;
}

/** Larger files are read through libuv's threads by asynchronous callers. */
const largestSyncReadBytes = 1 << 20;
/** Reads of one file that someone rewrites in place meanwhile; the last one is taken as it is. */
const attempts = 3;

/**
 * Reads one file, opened once: what a rename puts in its place meanwhile is not mixed in. Undefined where no file is.
 *
 * @throws {UnsafePathError} for anything but a regular file, and for a symbolic link: nothing is read.
 * @throws {TooLargeError} when it is larger than `maxBytes`: nothing is read.
 * @throws {ReadFailedError} when the operating system refuses.
 */
export function* readBytes(path: string, maxBytes: number, mayWait: boolean): Steps<ReadBytes | undefined> {
  const readFrom = monotonicMs();
  const fd = open(path);
  if (fd === undefined) return undefined;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const stats = files.fstatSync(fd);
      if (!stats.isFile()) throw new UnsafePathError(path, "it is not a regular file.");
      if (stats.size > maxBytes) throw new TooLargeError(path, "maxBytes", maxBytes, Number(stats.size));
      const bytes = yield* fill(fd, Number(stats.size), mayWait);
      if (attempt === attempts || sameIdentity(stats, files.fstatSync(fd))) return { bytes, stats, readFrom };
    }
  } catch (cause) {
    throw isOurs(cause) ? cause : new ReadFailedError(path, cause);
  } finally {
    close(fd);
  }
}

/** Nothing was written through it, so a failure says nothing about the file. */
function close(fd: number): void {
  try {
    files.closeSync(fd);
  } catch {
    // The descriptor is gone all the same.
  }
}

function open(path: string): number | undefined {
  // Not blocking: opening a FIFO would wait for a writer for ever.
  const flags = openFlags.O_RDONLY | (openFlags.O_NOFOLLOW ?? 0) | (openFlags.O_NONBLOCK ?? 0);
  try {
    return files.openSync(path, flags);
  } catch (cause) {
    const code = osCodeOf(cause);
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP") throw new UnsafePathError(path, "it has just become a symbolic link.");
    if (code === "ENXIO") throw new UnsafePathError(path, "it is a socket or a device.");
    throw new ReadFailedError(path, cause);
  }
}

function* fill(fd: number, size: number, mayWait: boolean): Steps<Buffer> {
  // Kept for as long as the document is cached: not a slice of the shared pool.
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const read =
      mayWait && size > largestSyncReadBytes
        ? yield* settled(files.read(fd, bytes, filled, size - filled, filled))
        : files.readSync(fd, bytes, filled, size - filled, filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

function isOurs(error: unknown): boolean {
  return error instanceof UnsafePathError || error instanceof TooLargeError;
}
