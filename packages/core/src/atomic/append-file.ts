import { CommitUncertainError, UnsafePathError, WriteFailedError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { describeFileKind } from "./file-kind.ts";
import type { Quarantined } from "./quarantine.ts";
import { SharedSync } from "./shared-sync.ts";
import { revisionTailBytes } from "./log-revision.ts";
import { moveTornTail } from "./torn-tail.ts";

/**
 * A file opened for appending under its exclusive lock, and found to end in a newline.
 *
 * The descriptor outlives the lock, because the fsync of an append follows the release; it is counted by its users and
 * closed when the last one is done.
 */
export class AppendFile {
  readonly path: string;
  readonly fd: number;
  readonly sync: SharedSync = new SharedSync(this);
  readonly #dev: bigint;
  readonly #ino: bigint;
  #users = 0;
  #retired = false;

  private constructor(path: string, fd: number, stats: { readonly dev: bigint; readonly ino: bigint }) {
    this.path = path;
    this.fd = fd;
    this.#dev = stats.dev;
    this.#ino = stats.ino;
  }

  /**
   * Opens a resolved path. Undefined when nothing is there and `create` is false.
   * @throws {UnsafePathError | WriteFailedError} nothing was changed.
   */
  static open(path: string, create: true): AppendFile;
  static open(path: string, create: boolean): AppendFile | undefined;
  static open(path: string, create: boolean): AppendFile | undefined {
    const flags = openFlags.O_RDWR | openFlags.O_APPEND | openFlags.O_NOFOLLOW | openFlags.O_NONBLOCK;
    let fd: number;
    try {
      fd = files.openSync(path, create ? flags | openFlags.O_CREAT : flags, 0o644);
    } catch (cause) {
      const code = osCodeOf(cause);
      if (code === "ENOENT" && !create) return undefined;
      if (code === "ELOOP") throw new UnsafePathError(path, "it is a symbolic link where none may be.");
      if (code === "EISDIR") throw new UnsafePathError(path, "it is a directory, not a regular file.");
      if (code === "ENXIO") throw new UnsafePathError(path, "it is a FIFO or socket, not a regular file.");
      throw new WriteFailedError(path, appendAttempt, cause);
    }
    try {
      const stats = files.fstatSync(fd);
      if (stats.isFile()) return new AppendFile(path, fd, stats);
      throw new UnsafePathError(path, `it is ${describeFileKind(stats)}, not a regular file.`);
    } catch (error) {
      closeQuietly(fd);
      throw error instanceof UnsafePathError ? error : new WriteFailedError(path, appendAttempt, error);
    }
  }

  /** Whether the path still names this file, and its syncs can be trusted. Called under the lock, for every batch. */
  isCurrent(): boolean {
    if (this.#retired || this.sync.failed) return false;
    const stats = files.lstatSync(this.path);
    return stats !== undefined && stats.ino === this.#ino && stats.dev === this.#dev;
  }

  /**
   * The size, once a torn tail has been moved away.
   * @throws {WriteFailedError} the tail could not be moved; it stands as it was.
   */
  settle(onMoved: (moved: Quarantined) => void): number {
    try {
      const size = Number(files.fstatSync(this.fd).size);
      const moved = moveTornTail(this.fd, this.path, size);
      if (moved === undefined) return size;
      onMoved(moved);
      return size - moved.bytes;
    } catch (cause) {
      throw new WriteFailedError(this.path, "move the torn tail of", cause);
    }
  }

  /** The last bytes before `size`, enough to name the revision. @throws {WriteFailedError} nothing was changed. */
  tail(size: number): Uint8Array {
    try {
      const bytes = new Uint8Array(Math.min(size, revisionTailBytes));
      return bytes.subarray(0, files.readSync(this.fd, bytes, 0, bytes.length, size - bytes.length));
    } catch (cause) {
      throw new WriteFailedError(this.path, appendAttempt, cause);
    }
  }

  /** Says what a write that failed or fell short left behind, after taking it back. */
  takeBack(size: number, cause: unknown): WriteFailedError | CommitUncertainError {
    try {
      files.ftruncateSync(this.fd, size);
      return new WriteFailedError(this.path, appendAttempt, cause);
    } catch (error) {
      const both = new AggregateError(
        [cause, error],
        `writing failed (${messageOf(cause)}) and so did taking the written part back (${messageOf(error)}); ` +
          "whole lines of it may stay, and the next append moves an unfinished one to a .torn file",
      );
      return new CommitUncertainError(this.path, both);
    }
  }

  use(): this {
    this.#users += 1;
    return this;
  }

  /** Ends one use. The last one closes a retired descriptor. */
  done(): void {
    this.#users -= 1;
    this.#closeIfUnused();
  }

  /** No batch may start on this descriptor any more. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (this.#retired && this.#users === 0) closeQuietly(this.fd);
  }
}

const appendAttempt = "append to";

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What was to be durable has been synced before; an error of close has nothing to add. */
function closeQuietly(fd: number): void {
  try {
    files.closeSync(fd);
  } catch {
    // The descriptor is gone either way.
  }
}
