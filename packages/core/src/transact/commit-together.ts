import { dirname } from "node:path";
import { CommitUncertainError, StoreError, WriteFailedError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import {
  mayHaveChangedNames,
  openDirectorySync,
  syncDirectorySync,
  type DirectorySync,
} from "../atomic/sync-directory.ts";
import { readRange } from "../intent/finish-log.ts";
import { removeMark } from "../intent/intent-mark.ts";
import type { Durability } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { quietly, removeIfThere } from "../platform/forgiving.ts";
import type { FileChange, LogChange } from "./file-change.ts";
import { directoriesOf, stageTogether, type StagedTogether } from "./stage-together.ts";

/**
 * Commits changes of several files: all of them or none, whatever dies meanwhile.
 *
 * 1. Everything is staged, and a record of it written under a name nobody looks at (`stageTogether`).
 * 2. The record gets its name, and at `disk` its directory is synced: this is the commit. From now on whoever takes the
 *    lock of one of the files finds its link and finishes what is not done (`finishIntent`).
 * 3. Lines are appended, then staged files renamed; at `disk` both are synced. A file whose staged content is gone is done.
 *    The links and, last of all, the record go.
 *
 * @param assertHeld - Throws where the lease the change is made under was lost: called right before the commit.
 * @throws {WriteFailedError} nothing has happened, and nothing is left. What `assertHeld` throws: the same.
 * @throws {CommitUncertainError} committed, but not finished or not known to be durable; or whether it is committed is not known, because the disk failed. The next
 *   takers of the locks finish it.
 */
export async function commitTogether(
  changes: readonly FileChange[],
  durability: Durability,
  assertHeld: () => void,
): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const commit = new JointCommit(first.lock.targetPath, changes, durability);
  try {
    await commit.prepare(assertHeld);
    await commit.syncRecord();
    commit.apply();
    await commit.syncChanges();
  } finally {
    commit.close();
  }
  commit.clean();
}

class JointCommit {
  /** A path for errors: that of the first member. */
  readonly #path: string;
  readonly #changes: readonly FileChange[];
  readonly #isDurable: boolean;
  readonly #durability: Durability;
  #staged: StagedTogether | undefined;
  /** The record's directory, then those of the members. Opened before the commit: a lack of descriptors is found in time. */
  #directories: DirectorySync[] = [];
  /** Why the commit may not be durable. */
  #doubt: { readonly cause: unknown } | undefined;

  constructor(path: string, changes: readonly FileChange[], durability: Durability) {
    this.#path = path;
    this.#changes = changes;
    this.#durability = durability;
    this.#isDurable = durability === "disk";
  }

  /** Steps 1 and 2, up to the record's name. */
  async prepare(assertHeld: () => void): Promise<void> {
    let isBegun = false;
    try {
      this.#staged = await stageTogether(this.#changes, this.#durability);
      if (this.#isDurable) {
        for (const directory of [dirname(this.#staged.recordPath), ...directoriesOf(this.#changes)])
          this.#directories.push(openDirectorySync(directory));
      }
      for (const { lock } of this.#changes) lock.assertHeld();
      assertHeld();
      isBegun = true;
      this.#staged.commit();
    } catch (cause) {
      this.#staged?.abandon();
      if (isBegun && mayHaveChangedNames(dirname(this.#staged?.recordPath ?? ""), cause))
        throw new CommitUncertainError(this.#path, cause, undecided);
      throw osCodeOf(cause) === undefined || cause instanceof StoreError
        ? cause
        : new WriteFailedError(this.#path, attempt, cause);
    }
  }

  /** Makes the commit durable. There is no way back any more: where this fails, what follows may still do it. */
  async syncRecord(): Promise<void> {
    await this.#directories[0]?.sync().catch((cause: unknown) => void (this.#doubt = { cause }));
  }

  /** Lines first: they are what a full disk refuses, and they can be taken back. Staged lines stay until they are durable. */
  apply(): void {
    let renamed = false;
    try {
      for (const change of this.#changes) {
        if (change.kind === "document") continue;
        change.lock.assertHeld(); // whoever has taken a lease over by now finishes the commit itself
        appendLines(change);
      }
      for (const [at, change] of this.#changes.entries()) {
        if (change.kind === "log") continue;
        change.lock.assertHeld();
        files.renameSync(this.#stagedPath(at), change.lock.targetPath);
        renamed = true;
      }
    } catch (cause) {
      if (renamed) throw new CommitUncertainError(this.#path, cause, unfinished);
      throw this.#takeBack(cause);
    }
  }

  async syncChanges(): Promise<void> {
    if (!this.#isDurable) return;
    const logs = this.#changes.filter((change) => change.kind === "log");
    const outcomes = await Promise.allSettled([
      ...logs.map(({ file }) => files.fdatasync(file.fd)),
      ...this.#directories.slice(1).map((directory) => directory.sync()),
    ]);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) this.#doubt ??= { cause: failed.reason };
    // The record stays: the next takers of the locks look once more at what may not be durable.
    if (this.#doubt !== undefined) throw new CommitUncertainError(this.#path, this.#doubt.cause, doubtful);
  }

  /** What cannot be removed is found to be done by the next taker of the lock. */
  clean(): void {
    quietly(() => {
      for (const [at, { kind, lock }] of this.#changes.entries()) {
        if (kind === "log") files.unlinkSync(this.#stagedPath(at));
        removeMark(lock.targetPath);
      }
      removeIfThere(this.#staged?.recordPath ?? "");
    });
  }

  close(): void {
    for (const directory of this.#directories) directory.close();
  }

  #stagedPath(at: number): string {
    return this.#staged?.stagedPaths[at] ?? "";
  }

  /**
   * Undoes the commit, nothing but lines having been applied. They go before the record does: whoever is killed in between
   * leaves a commit that is finished.
   */
  #takeBack(cause: unknown): StoreError {
    try {
      // Whoever has the lock of one of them by now may be finishing it.
      for (const { lock } of this.#changes) lock.assertHeld();
      for (const change of this.#changes) {
        if (change.kind === "document") continue;
        refuseForeignLines(change);
        files.ftruncateSync(change.file.fd, change.offset);
        if (this.#isDurable) files.fdatasyncSync(change.file.fd);
      }
      removeIfThere(this.#staged?.recordPath ?? "");
      if (this.#isDurable) syncDirectorySync(dirname(this.#staged?.recordPath ?? ""));
    } catch (error) {
      const both = new AggregateError(
        [cause, error],
        `${String(cause)}, and taking it back failed too: ${String(error)}`,
      );
      return new CommitUncertainError(this.#path, both, unfinished);
    }
    this.#staged?.abandon();
    return new WriteFailedError(this.#path, attempt, cause);
  }
}

const attempt = "commit a transact on";
const undecided =
  "A transact is committed, or is not: whoever takes the locks of its members next sees, and finishes it";
const doubtful = "A transact is committed and visible, but making it durable failed";
const unfinished =
  "A transact is committed, but finishing it failed, and whoever takes the locks of its members next finishes it";

/** Somebody who takes no lock may have appended meanwhile: their lines are not ours to cut off. */
function refuseForeignLines({ file, offset, bytes, lock }: LogChange): void {
  const written = readRange(file.fd, offset, Number(files.fstatSync(file.fd).size));
  if (!written.equals(bytes.subarray(0, written.length)))
    throw new Error(`somebody who took no lock appended to ${lock.targetPath} meanwhile`);
}

/** Throws the system's error; a part of the lines may be there. */
function appendLines({ file, bytes }: LogChange): void {
  const written = files.writeSync(file.fd, bytes, 0, bytes.length, null);
  if (written !== bytes.length) throw new Error(`the system accepted ${written} of ${bytes.length} bytes`);
}
