import { finishIntent } from "../intent/finish-intent.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import { withWriteLock, withWriteLockSync } from "../lock/with-lock.ts";
import { checkDurability, checkOptions, checkPath, type Durability, type Receipt } from "../options.ts";
import { commitReplacement, commitReplacementSync } from "./commit-replacement.ts";
import { contentRevision } from "./content-revision.ts";
import type { StageOptions } from "./staged-file.ts";

/** How a file is replaced. */
export interface ReplaceOptions extends LockOptions {
  /** Default `"disk"`: resolves once content and name survive a power loss. */
  readonly durability?: Durability | undefined;
  /** Permission bits, 0 to 0o777. Default: those of the existing file; for a new file 0o666 less the umask. */
  readonly mode?: number | undefined;
}

/**
 * Replaces a file so that readers see the old bytes or the new bytes, never a mix.
 *
 * Holds the exclusive lock on `path` for the whole call. A symbolic link stays and its target is replaced. The file gets
 * a new inode: permission bits are kept (without setuid and setgid), and owner and group where the system lets us; ACLs
 * and extended attributes are not. Files with several hard links are refused.
 *
 * @param path - Target file. Its directory must exist and allow creating files.
 * @param data - Complete new content. A string is written as UTF-8. Bytes must not be changed until the call settles.
 * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`: nothing was written.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: the target is no regular file; nothing was written.
 * @throws {WriteFailedError} `ERR_WRITE_FAILED`: the old content stands, nothing is left behind.
 * @throws {CommitUncertainError} `ERR_COMMIT_UNCERTAIN`: the new content is visible; durability is unknown. Where the disk failed (EIO) in
 *   the rename itself, the old or the new content is.
 * @example
 * await replaceFile("state.json", JSON.stringify(state), { timeoutMs: 2_000 });
 */
export async function replaceFile(
  path: string,
  data: string | Uint8Array,
  options: ReplaceOptions = {},
): Promise<Receipt> {
  const { bytes, stage } = checkReplacement(path, data, options);
  const replace = (lock: FileLock): Promise<void> => {
    finishIntent(lock);
    return commitReplacement(lock, bytes, stage);
  };
  await withWriteLock(path, replace, options);
  return { revision: contentRevision(bytes), changed: true, durability: stage.durability };
}

/** The synchronous twin of {@link replaceFile}. @throws {LockReentryError} this thread holds the lock asynchronously. */
export function replaceFileSync(
  path: string,
  data: string | Uint8Array,
  options: ReplaceOptions = {},
): Receipt {
  const { bytes, stage } = checkReplacement(path, data, options);
  const replace = (lock: FileLock): void => {
    finishIntent(lock);
    commitReplacementSync(lock, bytes, stage);
  };
  withWriteLockSync(path, replace, options);
  return { revision: contentRevision(bytes), changed: true, durability: stage.durability };
}

function checkReplacement(
  path: string,
  data: unknown,
  options: ReplaceOptions,
): { readonly bytes: Uint8Array; readonly stage: StageOptions } {
  checkPath("path", path);
  checkOptions(options);
  const durability = checkDurability(options.durability ?? "disk");
  const { mode } = options;
  if (mode !== undefined && !(Number.isInteger(mode) && mode >= 0 && mode <= 0o777)) {
    throw new RangeError("mode must be an integer from 0 to 0o777: permission bits only");
  }
  return { bytes: toBytes(data), stage: { durability, mode } };
}

function toBytes(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (typeof data !== "string") throw new TypeError("data must be a string or a Uint8Array");
  if (!data.isWellFormed())
    throw new TypeError("data contains half of a surrogate pair, which UTF-8 cannot hold");
  return Buffer.from(data);
}
