import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, sep } from "node:path";

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

/**
 * What differs. Lock files that appeared do not count where the call may make them: taking a lock creates them.
 *
 * @param root - What the call was given, below the directory that was digested: lock files that appear elsewhere count. Empty:
 * that directory. Undefined: nothing of the root was digested.
 */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  root: string | undefined,
): string[] {
  const found: string[] = [];
  for (const [name, entry] of before) {
    const now = after.get(name);
    if (now !== entry) found.push(`${name}: was ${entry}, is ${now ?? "gone"}`);
  }
  for (const name of after.keys()) {
    const isLock = /\.(lock|gate)$/.test(name) && root !== undefined && isBelow(root, name);
    if (!before.has(name) && !isLock) found.push(`${name} appeared`);
  }
  return found;
}

function isBelow(root: string, name: string): boolean {
  return root === "" || name.startsWith(root + sep);
}
