import { dirname, join, parse, resolve, sep } from "node:path";
import { UnsafePathError } from "../errors.ts";
import { files } from "../platform/file-system.ts";

const [stickyBit, writableByAll] = [0o1000n, 0o002n];

/**
 * Refuses a symbolic link that somebody else has put into a directory that everybody may write to, as Linux does for programs
 * that let the system follow links (`fs.protected_symlinks`): there it may lead us to change a file that its owner may not.
 *
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`.
 */
export function refuseForeignLink(path: string, link: string, owner: bigint): void {
  if (!isPlanted(link, owner)) return;
  throw new UnsafePathError(
    path,
    `${link} is a symbolic link of another user in a directory that everybody may write to. Name the file itself.`,
  );
}

/**
 * Whether something in a directory that everybody may write to, and only its owner take away from there, is of somebody else,
 * who is not the directory's owner either.
 */
export function isPlanted(path: string, owner: bigint): boolean {
  if (process.geteuid === undefined || owner === BigInt(process.geteuid())) return false;
  const directory = files.statSync(dirname(path));
  if (directory === undefined || directory.uid === owner) return false;
  return (directory.mode & stickyBit) !== 0n && (directory.mode & writableByAll) !== 0n;
}

/** {@link refuseForeignLink} for each link on the way to a directory. What is missing on it leads nowhere. */
export function refuseForeignLinksTo(path: string, directory: string): void {
  const { root } = parse(directory);
  let at = root;
  let rest = directory.slice(root.length).split(sep);
  for (let hops = 0; rest.length > 0;) {
    const [name = "", ...others] = rest;
    const next = join(at, name);
    const stats = files.lstatSync(next);
    if (stats?.isSymbolicLink() !== true) {
      [at, rest] = [next, others];
      continue;
    }
    refuseForeignLink(path, next, stats.uid);
    if ((hops += 1) > 40) throw new UnsafePathError(path, "its links are being changed.");
    const target = resolve(at, files.readlinkSync(next));
    at = parse(target).root;
    rest = [...target.slice(at.length).split(sep), ...others];
  }
}

/** Whether somebody else's link, as {@link refuseForeignLink} refuses, is on the way to a directory. */
export function isBehindForeignLink(directory: string): boolean {
  try {
    refuseForeignLinksTo(directory, resolve(directory));
    return false;
  } catch (error) {
    if (error instanceof UnsafePathError) return true;
    throw error;
  }
}
