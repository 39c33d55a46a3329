import { dirname } from "node:path";
import { CommitUncertainError, WriteFailedError } from "../errors.ts";
import { type DirectorySync, openDirectorySync } from "./sync-directory.ts";
import { type StagedFile, stageFile, stageFileSync, type StageOptions } from "./staged-file.ts";
import { sweepNowAndThen } from "./sweep-staged.ts";

/** What a commit needs of a lock: `FileLock` has it. */
export interface CommitLock {
  /** The real file the lock protects. */
  readonly targetPath: string;
  /** Throws `LeaseLostError` when the lock was lost. */
  assertHeld(): void;
}

/**
 * Replaces the file a lock protects, for a caller that holds the lock (exclusive): stage, sync, rename, sync the directory.
 *
 * @throws {UnsafePathError | WriteFailedError} the old content stands, nothing is left behind.
 * @throws {LeaseLostError} the lock was lost before the new content became visible; the old content stands.
 * @throws {CommitUncertainError} the new content is visible; whether it survives a power loss is unknown. Or the disk failed while it
 *   was made visible, and so it may be the old one that stands.
 */
export async function commitReplacement(
  lock: CommitLock,
  data: Uint8Array,
  options: StageOptions,
): Promise<void> {
  sweepNowAndThen(lock.targetPath);
  const staged = await stageFile(lock.targetPath, data, options);
  const directory = commitStaged(lock, staged, options);
  try {
    await directory?.sync();
  } catch (cause) {
    throw new CommitUncertainError(lock.targetPath, cause);
  }
}

/** The synchronous twin of {@link commitReplacement}. */
export function commitReplacementSync(lock: CommitLock, data: Uint8Array, options: StageOptions): void {
  sweepNowAndThen(lock.targetPath);
  const staged = stageFileSync(lock.targetPath, data, options);
  const directory = commitStaged(lock, staged, options);
  try {
    directory?.syncSync();
  } catch (cause) {
    throw new CommitUncertainError(lock.targetPath, cause);
  }
}

/** Makes the staged content visible. Returns the directory that is still to be synced, at `disk`. */
function commitStaged(
  lock: CommitLock,
  staged: StagedFile,
  options: StageOptions,
): DirectorySync | undefined {
  let directory: DirectorySync | undefined;
  try {
    directory = options.durability === "disk" ? openForSync(lock.targetPath) : undefined;
    lock.assertHeld();
    staged.commit();
    return directory;
  } catch (error) {
    staged.rollback();
    directory?.close();
    throw error;
  }
}

function openForSync(targetPath: string): DirectorySync {
  try {
    return openDirectorySync(dirname(targetPath));
  } catch (cause) {
    throw new WriteFailedError(targetPath, "replace", cause);
  }
}
