import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Every entry below a directory, with kind, mode, owner, links and content. Two equal digests: nothing was changed.
 *
 * @param leftOut - A directory below it, of which only itself is told.
 */
export function treeDigest(directory: string, leftOut?: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const name of namesBelow(directory, "", leftOut).toSorted()) {
    const path = join(directory, name);
    const stats = lstatSync(path);
    let content = "";
    if (stats.isFile()) content = createHash("sha256").update(readFileSync(path)).digest("hex");
    if (stats.isSymbolicLink()) content = readlinkSync(path);
    const links = stats.isDirectory() ? "" : stats.nlink;
    entries.set(name, `${stats.mode.toString(8)} ${stats.uid}:${stats.gid} ${links} ${content}`);
  }
  return entries;
}

function namesBelow(directory: string, below: string, leftOut: string | undefined): string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const name = join(below, entry.name);
    return entry.isDirectory() && name !== leftOut ? [name, ...namesBelow(directory, name, leftOut)] : [name];
  });
}

/** What differs. Lock files that appeared do not count: taking a lock creates them, and nothing is in them. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const found: string[] = [];
  for (const [name, entry] of before) {
    const now = after.get(name);
    if (now !== entry) found.push(`${name}: was ${entry}, is ${now ?? "gone"}`);
  }
  for (const name of after.keys()) {
    if (!before.has(name) && !/\.(lock|gate)$/.test(name)) found.push(`${name} appeared`);
  }
  return found;
}
