import { basename, join } from "node:path";
import { checkPath } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { LockFailedError } from "./lock-errors.ts";
import { gastownLegs } from "./lock-layout.ts";
import { gateSuffix } from "./turnstile.ts";
import { withWriteLockSync } from "./with-lock.ts";

/** A lock directory whose files can no longer be removed. */
export interface PinnedLockDirectory {
  readonly lockDirectory: string;
  readonly lockFiles: readonly string[];
}

/**
 * Makes Gas Town's own programs safe beside each other and beside us: they unlink a lock file after unlocking it, which now and
 * then lets two of them in at once. In a pinned directory (all lock files present, mode 0555) that unlink fails, and they ignore it.
 *
 * Call it again to add files. Has no effect on programs that run as root. A lock file that is missing in a pinned directory makes
 * its users fail with a timeout (theirs) or `ERR_LOCK_FAILED` (ours): name every data file.
 *
 * @param directory - The directory of the data files; the lock directory is `.gastown/locks` in it.
 * @param dataFiles - Names of the data files, as `issues.jsonl`.
 * @throws {LockFailedError} `ERR_LOCK_FAILED`: the directory could not be made or changed; what existed stays usable.
 */
export function pinLockDirectory(directory: string, dataFiles: readonly string[]): PinnedLockDirectory {
  checkPath("directory", directory);
  checkNames(dataFiles);
  const lockDirectory = join(directory, ".gastown", "locks");
  try {
    return withWriteLockSync(join(directory, ".gastown-pin"), () => pin(lockDirectory, dataFiles));
  } catch (cause) {
    throw cause instanceof LockFailedError ? cause : new LockFailedError(lockDirectory, "pin", cause);
  }
}

/** Makes a pinned directory writable again. */
export function unpinLockDirectory(directory: string): void {
  files.chmodSync(join(checkPath("directory", directory), ".gastown", "locks"), 0o755);
}

function pin(lockDirectory: string, dataFiles: readonly string[]): PinnedLockDirectory {
  const lockFiles = dataFiles.map((name) => join(lockDirectory, `${name}.lock`));
  files.mkdirSync(lockDirectory, { recursive: true, mode: 0o755 });
  files.chmodSync(lockDirectory, 0o755);
  try {
    for (const name of dataFiles) {
      for (const { path } of gastownLegs(join(lockDirectory, name), lockDirectory)) {
        touch(path);
        touch(path + gateSuffix);
      }
    }
  } finally {
    files.chmodSync(lockDirectory, 0o555);
  }
  return { lockDirectory, lockFiles };
}

function checkNames(dataFiles: readonly string[]): void {
  if (!Array.isArray(dataFiles)) throw new TypeError("dataFiles must be an array of file names");
  for (const name of dataFiles) {
    if (typeof name !== "string" || name !== basename(name) || ["", ".", ".."].includes(name)) {
      throw new TypeError(`dataFiles must be plain file names, got ${JSON.stringify(name)}`);
    }
  }
}

function touch(path: string): void {
  const { O_CREAT, O_NOFOLLOW, O_RDWR } = openFlags;
  files.closeSync(files.openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o644));
}
