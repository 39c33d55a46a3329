import { dirname } from "node:path";
import { syncDirectory, syncDirectorySync } from "../atomic/sync-directory.ts";
import { writeAllSync } from "../atomic/write-all.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { Durability } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = openFlags;

/** Appends bytes as they are, under a lock that the caller holds: all of them, or, where the system refuses, none. Throws its error. */
export async function appendBytes(
  lock: FileLock,
  bytes: Uint8Array,
  mode: number,
  durability: Durability,
): Promise<void> {
  const written = write(lock, bytes, mode);
  try {
    if (durability === "disk") await files.fdatasync(written.fd);
  } finally {
    files.closeSync(written.fd);
  }
  if (durability === "disk" && written.made) await syncDirectory(dirname(lock.targetPath));
}

/** The synchronous twin of {@link appendBytes}. */
export function appendBytesSync(
  lock: FileLock,
  bytes: Uint8Array,
  mode: number,
  durability: Durability,
): void {
  const written = write(lock, bytes, mode);
  try {
    if (durability === "disk") files.fdatasyncSync(written.fd);
  } finally {
    files.closeSync(written.fd);
  }
  if (durability === "disk" && written.made) syncDirectorySync(dirname(lock.targetPath));
}

function write(
  lock: FileLock,
  bytes: Uint8Array,
  mode: number,
): { readonly fd: number; readonly made: boolean } {
  finishIntent(lock);
  const made = files.statSync(lock.targetPath) === undefined;
  const fd = files.openSync(lock.targetPath, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode);
  try {
    lock.assertHeld();
    const size = Number(files.fstatSync(fd).size);
    try {
      writeAllSync(fd, bytes);
    } catch (error) {
      files.ftruncateSync(fd, size);
      throw error;
    }
  } catch (error) {
    files.closeSync(fd);
    throw error;
  }
  return { fd, made };
}
