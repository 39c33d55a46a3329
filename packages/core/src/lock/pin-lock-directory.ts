import { basename, join, resolve } from "node:path";
import { UnsafePathError } from "../errors.ts";
import { checkPath } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { refuseForeignLinksTo } from "./foreign-link.ts";
import { LockFailedError } from "./lock-errors.ts";
import { gastownLegs } from "./lock-layout.ts";
import { gateSuffix } from "./turnstile.ts";
import { withWriteLockSync } from "./with-lock.ts";

/** As often as this in a row, a neighbour's unlink falls between two calls of ours only if it does nothing else. */
const attemptLimit = 1_000;

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
 * @throws {LockFailedError} `ERR_LOCK_FAILED`: the directory could not be made or changed, or neighbours kept removing its files; it
 *   stays usable. {@link UnsafePathError} `ERR_UNSAFE_PATH`: a link of another user leads there. Nothing was changed.
 */
export function pinLockDirectory(directory: string, dataFiles: readonly string[]): PinnedLockDirectory {
  checkPath("directory", directory);
  checkNames(dataFiles);
  const lockDirectory = join(directory, ".gastown", "locks");
  try {
    return withWriteLockSync(join(directory, ".gastown-pin"), () => pin(lockDirectory, dataFiles));
  } catch (cause) {
    const isTold = cause instanceof LockFailedError || cause instanceof UnsafePathError;
    throw isTold ? cause : new LockFailedError(lockDirectory, "pin", cause);
  }
}

/**
 * Makes a pinned directory writable again.
 *
 * @throws {LockFailedError} `ERR_LOCK_FAILED`: it is not there, or may not be changed. {@link UnsafePathError} as `pinLockDirectory`.
 */
export function unpinLockDirectory(directory: string): void {
  const lockDirectory = join(checkPath("directory", directory), ".gastown", "locks");
  try {
    refuseForeignLinksTo(lockDirectory, resolve(lockDirectory));
    files.chmodSync(lockDirectory, 0o755);
  } catch (cause) {
    if (cause instanceof UnsafePathError) throw cause;
    throw new LockFailedError(lockDirectory, "unpin", cause);
  }
}

/** While the directory is open a neighbour may remove what was there already: all of it is made sure of, until all is there. */
function pin(lockDirectory: string, dataFiles: readonly string[]): PinnedLockDirectory {
  refuseForeignLinksTo(lockDirectory, resolve(lockDirectory));
  files.mkdirSync(lockDirectory, { recursive: true, mode: 0o755 });
  const paths = new Set(files.readdirSync(lockDirectory).map((name) => join(lockDirectory, name)));
  for (const name of dataFiles) {
    for (const { path } of gastownLegs(join(lockDirectory, name), lockDirectory))
      for (const each of [path, path + gateSuffix]) paths.add(each);
  }
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    files.chmodSync(lockDirectory, 0o755);
    try {
      for (const path of paths) touch(path);
    } finally {
      files.chmodSync(lockDirectory, 0o555);
    }
    if ([...paths].every((path) => files.lstatSync(path) !== undefined))
      return { lockDirectory, lockFiles: dataFiles.map((name) => join(lockDirectory, `${name}.lock`)) };
  }
  files.chmodSync(lockDirectory, 0o755); // a file that is missing in a pinned directory could never come back
  throw new Error(`lock files were removed ${attemptLimit} times in a row`);
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
