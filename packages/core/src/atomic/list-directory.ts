import { join } from "node:path";
import { ReadFailedError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { checkPath } from "../options.ts";
import { files } from "../platform/file-system.ts";

/** A name in a directory, and what it leads to, links followed. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
  /** Size of a file; 0 for anything else. */
  readonly bytes: number;
}

/**
 * What lies directly in a directory, sorted by name; undefined where no directory is. Takes no lock.
 * @throws {ReadFailedError} `ERR_READ_FAILED`: the system refused.
 */
export function listDirectory(path: string): readonly DirectoryEntry[] | undefined {
  checkPath("path", path);
  try {
    const names = files.readdirSync(path).toSorted();
    return names.map((name) => ({ name, ...look(join(path, name)) }));
  } catch (cause) {
    const code = osCodeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ReadFailedError(path, cause);
  }
}

/** @throws the system's error where nobody knows what lies there: it must not look as if there were nothing. */
function look(path: string): Omit<DirectoryEntry, "name"> {
  try {
    const stats = files.statSync(path);
    if (stats?.isFile() === true) return { kind: "file", bytes: Number(stats.size) };
    return { kind: stats?.isDirectory() === true ? "directory" : "other", bytes: 0 };
  } catch (cause) {
    if (leadsNowhere(path, osCodeOf(cause))) return { kind: "other", bytes: 0 };
    throw cause;
  }
}

/** Whether it is a symbolic link that cannot be followed: a loop, too long a name, or a way through a directory closed to us. */
function leadsNowhere(path: string, code: string | undefined): boolean {
  if (code === "ELOOP" || code === "ENAMETOOLONG") return true;
  return code === "EACCES" && files.lstatSync(path)?.isSymbolicLink() === true;
}
