import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";

/** The bytes of a regular file of one name; undefined where nothing is, or something else. Throws the system's error. */
export function readWhole(path: string): Buffer | undefined {
  let fd: number;
  try {
    fd = files.openSync(path, openFlags.O_RDONLY | openFlags.O_NOFOLLOW | openFlags.O_NONBLOCK);
  } catch (error) {
    if (osCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const stats = files.fstatSync(fd);
    if (!stats.isFile() || stats.nlink > 1n) return undefined;
    const bytes = Buffer.alloc(Number(stats.size));
    let filled = 0;
    while (filled < bytes.length) {
      const read = files.readSync(fd, bytes, filled, bytes.length - filled, filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    files.closeSync(fd);
  }
}
