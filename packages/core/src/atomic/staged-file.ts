import { basename, dirname, join } from "node:path";
import { CommitUncertainError, UnsafePathError, WriteFailedError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import type { Durability } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { describeFileKind, type FileStats } from "./file-kind.ts";
import { stagedName } from "./staged-name.ts";
import { mayHaveChangedNames } from "./sync-directory.ts";
import { writeAll, writeAllSync } from "./write-all.ts";

/** How new content is staged. */
export interface StageOptions {
  /** `disk` syncs the staged bytes before they can be committed; `os` leaves them to the system. */
  readonly durability: Durability;
  /** Permission bits (0 to 0o777). Default: those of the existing file; for a new file 0o666 less the umask. */
  readonly mode?: number | undefined;
}

/**
 * New content of a file, complete and (at `disk`) durable, under a name nobody reads. Either commit it or roll it back.
 *
 * A failed fsync is never repeated: the staged file is removed and the old content stands.
 */
export interface StagedFile {
  /** The staged file. */
  readonly path: string;
  /** The file it is to become. */
  readonly targetPath: string;
  /**
   * Renames the staged file over its target: from then on readers see the new bytes. The name is durable only once the
   * directory has been synced. @throws {WriteFailedError} the old content stands and the staged file is gone.
   * @throws {CommitUncertainError} the disk failed: one of the two stands.
   */
  commit(): void;
  /** Removes the staged file. Does nothing after a commit or a rollback, and never throws. */
  rollback(): void;
}

/** Larger data is written through libuv's threads, so that the event loop stays free. */
const largestSyncWriteBytes = 1 << 20;

/**
 * Writes `data` to a new file beside `targetPath`, which must be a resolved path (see `resolveTarget`): a link here is
 * refused. The permission bits of an existing target are kept without setuid and setgid; its owner and group are kept
 * where the system lets us; ACLs and extended attributes are not. The caller holds the exclusive lock.
 *
 * On macOS libuv's fsync is F_FULLFSYNC, so `disk` means the same there. On Windows there are no owners, groups or
 * O_NOFOLLOW, directories need no sync, and a rename onto a file that someone has open without sharing fails: the old
 * content then stands.
 *
 * @throws {UnsafePathError} the target is a directory, link, FIFO, device or socket; nothing was changed.
 * @throws {WriteFailedError} nothing was changed and the staged file is gone.
 */
export async function stageFile(
  targetPath: string,
  data: Uint8Array,
  options: StageOptions,
): Promise<StagedFile> {
  return await finish(begin(targetPath, options), data, options);
}

/** The same, with the name of the staged file known at once. What cannot even be begun is thrown, not rejected. */
export function startStaging(
  targetPath: string,
  data: Uint8Array,
  options: StageOptions,
): { readonly path: string; readonly done: Promise<StagedFile> } {
  const staging = begin(targetPath, options);
  return { path: staging.path, done: finish(staging, data, options) };
}

async function finish(staging: Staging, data: Uint8Array, options: StageOptions): Promise<StagedFile> {
  try {
    if (data.length > largestSyncWriteBytes) await writeAll(staging.fd, data);
    else writeAllSync(staging.fd, data);
    if (options.durability === "disk") await files.fsync(staging.fd);
    staging.close();
  } catch (cause) {
    throw staging.abandon(cause);
  }
  return staging;
}

/** The synchronous twin of {@link stageFile}. */
export function stageFileSync(targetPath: string, data: Uint8Array, options: StageOptions): StagedFile {
  const staging = begin(targetPath, options);
  try {
    writeAllSync(staging.fd, data);
    if (options.durability === "disk") files.fsyncSync(staging.fd);
    staging.close();
  } catch (cause) {
    throw staging.abandon(cause);
  }
  return staging;
}

function begin(targetPath: string, options: StageOptions): Staging {
  const target = statTarget(targetPath);
  const path = join(dirname(targetPath), stagedName(basename(targetPath)));
  const mode = options.mode ?? (target === undefined ? undefined : Number(target.mode & 0o777n));
  // With no mode to keep, the kernel applies the umask; asking for the umask would change it for a moment.
  const fd = openNew(path, targetPath, mode === undefined ? 0o666 : 0o600);
  const staging = new Staging(path, targetPath, fd);
  try {
    const kept = target === undefined || keepOwner(fd, target);
    if (mode !== undefined) files.fchmodSync(fd, kept ? mode : withoutGroup(mode));
  } catch (cause) {
    throw staging.abandon(cause);
  }
  return staging;
}

function statTarget(targetPath: string): FileStats | undefined {
  let target: FileStats | undefined;
  try {
    target = files.lstatSync(targetPath);
  } catch (cause) {
    throw new WriteFailedError(targetPath, stagingAttempt, cause);
  }
  if (target === undefined || target.isFile()) return target;
  throw new UnsafePathError(targetPath, `it is ${describeFileKind(target)}, not a regular file.`);
}

function openNew(path: string, targetPath: string, mode: number): number {
  const flags = openFlags.O_CREAT | openFlags.O_EXCL | openFlags.O_WRONLY | openFlags.O_NOFOLLOW;
  try {
    return files.openSync(path, flags, mode);
  } catch (cause) {
    throw new WriteFailedError(targetPath, stagingAttempt, cause);
  }
}

/** False when the group could not be kept, so that its rights must not pass to another group. */
function keepOwner(fd: number, target: FileStats): boolean {
  if (process.platform === "win32") return true;
  const own = files.fstatSync(fd);
  const asRoot = process.geteuid?.() === 0;
  const uid = asRoot ? target.uid : own.uid;
  if (own.uid === uid && own.gid === target.gid) return true;
  try {
    files.fchownSync(fd, Number(uid), Number(target.gid));
    return true;
  } catch (cause) {
    if (osCodeOf(cause) !== "EPERM") throw cause;
    return own.gid === target.gid;
  }
}

/** The group gets what everybody gets. */
function withoutGroup(mode: number): number {
  return (mode & ~0o070) | ((mode & 0o007) << 3);
}

const stagingAttempt = "stage new content for";

class Staging implements StagedFile {
  readonly path: string;
  readonly targetPath: string;
  fd: number;
  #exists = true;

  constructor(path: string, targetPath: string, fd: number) {
    this.path = path;
    this.targetPath = targetPath;
    this.fd = fd;
  }

  commit(): void {
    try {
      files.renameSync(this.path, this.targetPath);
      this.#exists = false;
    } catch (cause) {
      this.rollback();
      if (!mayHaveChangedNames(dirname(this.targetPath), cause))
        throw new WriteFailedError(this.targetPath, "replace", cause);
      throw new CommitUncertainError(this.targetPath, cause, `${this.targetPath} is replaced, or is not`);
    }
  }

  rollback(): void {
    if (!this.#exists) return;
    this.#exists = false;
    try {
      files.unlinkSync(this.path);
    } catch {
      // The sweep of staged files removes it later; the error that led here matters more.
    }
  }

  close(): void {
    const fd = this.fd;
    this.fd = -1;
    files.closeSync(fd);
  }

  /** Closes, removes the staged file, and says so. */
  abandon(cause: unknown): WriteFailedError {
    try {
      if (this.fd !== -1) this.close();
    } catch {
      // The descriptor is gone either way.
    }
    this.rollback();
    return new WriteFailedError(this.targetPath, stagingAttempt, cause);
  }
}
