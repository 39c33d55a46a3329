import { checkPath } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { quietly } from "../platform/forgiving.ts";
import { flock, GrantCheck } from "../platform/flock.ts";
import { closeIdleLocks } from "./descriptor-cache.ts";
import { isBrokenLockName, isLeftBroken } from "./broken-lock.ts";
import { lockFilesIn, lockPlaces } from "./inspect-lock.ts";
import { removeTree } from "./small-file.ts";

/** What a clean-up did. */
export interface CleanedLocks {
  readonly removed: readonly string[];
  /** Held, replaced meanwhile, not ours to remove, or no flock file at all (`Cargo.lock` has contents; an empty one is not told apart). */
  readonly kept: readonly string[];
}

/**
 * Removes lock files that nobody holds from a directory and from the lock directories below it (`.gastown/locks`, `.locks`).
 *
 * Never needed: a lock file without a holder is harmless. Each file is removed only while its exclusive lock is held and the path
 * still names it, so no Flockwork process can be let in twice. Programs that do not look again after locking could be;
 * run it while they are at rest. What a process left that was killed while it broke the lock of a dead one, in a layout whose
 * locks consist in being there (`x.lock.broken-…`), goes too, after a minute.
 *
 * @throws {ReadFailedError} `ERR_READ_FAILED`: the directory cannot be read. Nothing was removed.
 */
export function cleanStaleLocks(directory: string): CleanedLocks {
  checkPath("directory", directory);
  closeIdleLocks();
  const removed: string[] = [];
  const kept: string[] = [];
  for (const path of lockFilesIn(directory)) (removeUnheld(path) ? removed : kept).push(path);
  for (const path of lockPlaces(directory, isBrokenLockName, isLeftBroken))
    (removeBroken(path) ? removed : kept).push(path);
  return { removed, kept };
}

function removeUnheld(path: string): boolean {
  let fd: number;
  try {
    fd = files.openSync(path, openFlags.O_RDWR | openFlags.O_NOFOLLOW | openFlags.O_NONBLOCK);
  } catch {
    return false; // gone, or not ours to open
  }
  try {
    if (!flock.tryLock(fd, "exclusive")) return false;
    if (flock.checkGrant(fd, path, "") !== GrantCheck.ok || !isFlockFile(fd)) return false;
    files.unlinkSync(path);
    return true;
  } catch {
    return false;
  } finally {
    quietly(() => files.closeSync(fd)); // what it answers changes nothing of what was done
  }
}

function removeBroken(path: string): boolean {
  try {
    removeTree(path);
    return true;
  } catch {
    return false; // not ours to remove
  }
}

/** Empty, or with a pid: what flock users leave. `Cargo.lock` and locks that consist in being there hold more. */
function isFlockFile(fd: number): boolean {
  const start = Buffer.alloc(32);
  const bytes = files.readSync(fd, start, 0, start.length, 0);
  return /^(\d{1,20}\n?)?$/.test(start.toString("latin1", 0, bytes));
}
