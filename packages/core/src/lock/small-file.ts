/** Tiny files around a lock, read as hostile input and written whole. */
import { join } from "node:path";
import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";

const readLimitBytes = 16_384;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = openFlags;

/** At most 16 KiB of a regular file; undefined where there is none, or it cannot be read. */
export function readSmallFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = files.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    if (!files.fstatSync(fd).isFile()) return undefined;
    const buffer = Buffer.alloc(readLimitBytes);
    return buffer.toString("utf8", 0, files.readSync(fd, buffer, 0, readLimitBytes, 0));
  } catch {
    return undefined;
  } finally {
    files.closeSync(fd);
  }
}

/** Creates a file with these contents. Throws EEXIST where something stands already. */
export function writeNewFile(path: string, text: string): void {
  const fd = files.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    const bytes = Buffer.from(text);
    files.writeSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    files.closeSync(fd);
  }
}

/** Removes a lock file, or a lock directory with the files in it. What is gone already is no error. */
export function removeTree(path: string): void {
  try {
    if (files.lstatSync(path)?.isDirectory() !== true) return files.unlinkSync(path);
    for (const name of files.readdirSync(path)) files.unlinkSync(join(path, name));
    files.rmdirSync(path);
  } catch (error) {
    if (osCodeOf(error) !== "ENOENT") throw error;
  }
}
