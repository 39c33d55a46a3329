import { UnsafePathError } from "../errors.ts";
import { isPlanted } from "../lock/foreign-link.ts";
import { files } from "../platform/file-system.ts";

/**
 * Refuses what says that a commit of a file was interrupted, where somebody may have put it who may not change that file: in a
 * directory that everybody may write to, anybody can. There the links, the records and the staged files are ours, root's, the
 * file's owner's, or the directory's.
 *
 * @param path - A link, a record or a staged file. @param owner - Its owner; undefined where it is gone.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`.
 */
export function refuseForeignClaim(targetPath: string, path: string, owner: bigint | undefined): void {
  if (owner === undefined || owner === 0n || !isPlanted(path, owner)) return;
  if (files.lstatSync(targetPath)?.uid === owner) return;
  throw new UnsafePathError(
    targetPath,
    `${path} says that a transact was interrupted. It is of user ${owner}, who does not own the file, in a directory that everybody may write to. If it is known to be theirs, have them use the file, which finishes it; else remove it.`,
  );
}
