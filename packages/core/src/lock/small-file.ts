/** Tiny files around a lock, read as hostile input and written whole. */
import { join } from "node:path";
import { writeAllSync } from "../atomic/write-all.ts";
import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";

const readLimitBytes = 16_384;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = openFlags;

/** What opening says where no regular file is. */
const notThere: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"]);
/** What it says where one is that is not for us. */
const forbidden: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM"]);

/**
 * At most 16 KiB of a regular file; undefined where there is none, or it is somebody else's and may not be read. Throws the
 * system's error where it could not be told: out of descriptors, for one.
 */
export function readSmallFile(path: string, whose: "ours" | "anybody's" = "anybody's"): string | undefined {
  let fd: number;
  try {
    fd = files.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const code = osCodeOf(error);
    if (notThere.has(code) || (whose === "anybody's" && forbidden.has(code))) return undefined;
    throw error;
  }
  try {
    if (!files.fstatSync(fd).isFile()) return undefined;
    const buffer = Buffer.alloc(readLimitBytes);
    return buffer.toString("utf8", 0, files.readSync(fd, buffer, 0, readLimitBytes, 0));
  } finally {
    files.closeSync(fd);
  }
}

/** Creates a file with these contents. Throws EEXIST where something stands already. */
export function writeNewFile(path: string, text: string): void {
  const fd = files.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    writeAllSync(fd, Buffer.from(text)); // half a record could be judged by nobody
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
