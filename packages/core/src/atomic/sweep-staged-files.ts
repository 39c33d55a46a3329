import { join } from "node:path";
import { tryAcquireLock } from "../lock/acquire-lock.ts";
import { isRecordName, markedBy } from "../intent/intent-mark.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import { removeUnneeded } from "../intent/remove-record.ts";
import { ReadFailedError } from "../errors.ts";
import { resolveLockOptions, type LockOptions } from "../lock/lock-options.ts";
import { checkOptions, checkPath } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { stagedFor } from "./staged-name.ts";
import { sweepStagedOf } from "./sweep-staged.ts";

/**
 * Finishes what crashes interrupted in a directory, removes the staged files they left, and returns the resolved paths of
 * those. For cleanup tools: every first commit of a process sweeps its own file anyway.
 *
 * Each file's lock is tried once; a file whose lock is taken is passed over, since its staged file may be in use. Only
 * regular files of our own user with exactly our pattern of names are removed (root may remove everyone's).
 *
 * @throws {ReadFailedError} `ERR_READ_FAILED`: the directory is missing or may not be listed. Nothing was changed.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: somebody who may not change a file says that a transact on it was interrupted;
 * `WriteFailedError` where one cannot be finished. What was swept before stays so.
 * @param options - Where the locks live: the same layout and backend as the writers use.
 */
export async function sweepStagedFiles(
  directory: string,
  options: LockOptions = {},
): Promise<readonly string[]> {
  checkPath("directory", directory);
  checkOptions(options);
  resolveLockOptions(options);
  return await sweepResolved(resolved(directory), options);
}

/** What files say of their commit is compared by resolved paths. */
async function sweepResolved(directory: string, options: LockOptions): Promise<readonly string[]> {
  const names = namesIn(directory);
  const owned = names.map((name) => stagedFor(name, names) ?? markedBy(name));
  const owners = new Set(owned.filter((owner) => owner !== undefined));
  const removed: string[] = [];
  for (const owner of owners) {
    const lock = await tryAcquireLock(join(directory, owner), "exclusive", options);
    if (lock === undefined) continue;
    try {
      finishIntent(lock);
      removed.push(...sweepStagedOf(join(directory, owner)));
    } finally {
      await lock.release();
    }
  }
  const records = names.filter(isRecordName).map((name) => join(directory, name));
  return [...removed, ...records.filter(removeUnneeded)];
}

function resolved(directory: string): string {
  try {
    return files.realpathSync(directory);
  } catch (cause) {
    throw new ReadFailedError(directory, cause);
  }
}

function namesIn(directory: string): string[] {
  try {
    return files.readdirSync(directory);
  } catch (cause) {
    throw new ReadFailedError(directory, cause);
  }
}
