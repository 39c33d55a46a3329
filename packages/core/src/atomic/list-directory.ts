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

function look(path: string): Omit<DirectoryEntry, "name"> {
  try {
    const stats = files.statSync(path);
    if (stats?.isFile() === true) return { kind: "file", bytes: Number(stats.size) };
    return { kind: stats?.isDirectory() === true ? "directory" : "other", bytes: 0 };
  } catch {
    return { kind: "other", bytes: 0 }; // a loop of links, or a directory we may not search
  }
}
