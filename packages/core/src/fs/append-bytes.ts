import { dirname } from "node:path";
import { CommitUncertainError, UnsafePathError } from "../errors.ts";
import { syncDirectory, syncDirectorySync } from "../atomic/sync-directory.ts";
import { writeAllSync } from "../atomic/write-all.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { Durability } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { quietly } from "../platform/forgiving.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = openFlags;

/**
 * Appends bytes as they are, under a lock that the caller holds: all of them, or, where the system refuses, none. Throws its
 * error.
 *
 * @throws {CommitUncertainError} they are there, and may not be durable, or a part of them could not be taken back.
 */
export async function appendBytes(
  lock: FileLock,
  bytes: Uint8Array,
  mode: number,
  durability: Durability,
): Promise<void> {
  const fd = write(lock, bytes, mode);
  try {
    if (durability === "disk") {
      await files.fdatasync(fd);
      await syncDirectory(dirname(lock.targetPath)); // whoever made the file may have died before
    }
  } catch (cause) {
    throw new CommitUncertainError(lock.targetPath, cause);
  } finally {
    close(fd, lock.targetPath, durability);
  }
}

/** The synchronous twin of {@link appendBytes}. */
export function appendBytesSync(
  lock: FileLock,
  bytes: Uint8Array,
  mode: number,
  durability: Durability,
): void {
  const fd = write(lock, bytes, mode);
  try {
    if (durability === "disk") {
      files.fdatasyncSync(fd);
      syncDirectorySync(dirname(lock.targetPath));
    }
  } catch (cause) {
    throw new CommitUncertainError(lock.targetPath, cause);
  } finally {
    close(fd, lock.targetPath, durability);
  }
}

/** The file, opened, with the bytes at its end. */
function write(lock: FileLock, bytes: Uint8Array, mode: number): number {
  finishIntent(lock);
  const made = files.statSync(lock.targetPath) === undefined;
  const fd = files.openSync(lock.targetPath, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode);
  try {
    lock.assertHeld();
    const stats = files.fstatSync(fd);
    if (!stats.isFile()) throw new UnsafePathError(lock.targetPath, "it is not a regular file.");
    try {
      writeAllSync(fd, bytes);
    } catch (error) {
      takeBack(lock.targetPath, made ? undefined : { fd, size: Number(stats.size) }, error);
      throw error;
    }
  } catch (error) {
    quietly(() => files.closeSync(fd));
    throw error;
  }
  return fd;
}

/** What was synced stays, whatever closing answers; what was not may be lost by what it tells (a quota, over a network). */
function close(fd: number, path: string, durability: Durability): void {
  try {
    files.closeSync(fd);
  } catch (cause) {
    if (durability !== "disk") throw new CommitUncertainError(path, cause);
  }
}

/** @param file - Undefined where the file was made for this. @throws {CommitUncertainError} a part of the bytes stays. */
function takeBack(
  path: string,
  file: { readonly fd: number; readonly size: number } | undefined,
  error: unknown,
): void {
  try {
    if (file === undefined) files.unlinkSync(path);
    else files.ftruncateSync(file.fd, file.size);
  } catch {
    throw new CommitUncertainError(path, error, `A part of what was appended to ${path} may stay`);
  }
}
