import { ReadFailedError, UnsafePathError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";

/** Tells a file from another of the same name: inode numbers are reused at once, births are not. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
}

/** A log opened for reading: one inode, whatever happens to the name meanwhile. Close it. */
export interface OpenLog extends FileIdentity {
  readonly path: string;
  readonly fd: number;
  /** Size in bytes when it was opened. */
  readonly size: number;
  close(): void;
}

/**
 * Opens a log without any lock. Undefined where there is none.
 * @throws {ReadFailedError | UnsafePathError} the system refused, or it is no regular file. The disk is unchanged.
 */
export function openLog(path: string): OpenLog | undefined {
  let fd: number;
  try {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    fd = files.openSync(path, openFlags.O_RDONLY | openFlags.O_NONBLOCK);
  } catch (cause) {
    if (osCodeOf(cause) === "ENOENT") return undefined;
    if (osCodeOf(cause) === "ENXIO") throw new UnsafePathError(path, "it is a socket, not a regular file.");
    throw new ReadFailedError(path, cause);
  }
  const close = (): void => {
    try {
      files.closeSync(fd);
    } catch {
      // Nothing was written through it.
    }
  };
  try {
    const stats = files.fstatSync(fd);
    if (!stats.isFile()) throw new UnsafePathError(path, "it is not a regular file.");
    const { dev, ino, birthtimeNs } = stats;
    return { path, fd, size: Number(stats.size), dev, ino, birthtimeNs, close };
  } catch (error) {
    close();
    throw error instanceof UnsafePathError ? error : new ReadFailedError(path, error);
  }
}

export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  return one.ino === other.ino && one.dev === other.dev && one.birthtimeNs === other.birthtimeNs;
}

/** Wraps what the system threw while reading; our own errors pass. */
export function asReadFailure(path: string, error: unknown): unknown {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return typeof code === "string" && typeof syscall === "string" ? new ReadFailedError(path, error) : error;
}
