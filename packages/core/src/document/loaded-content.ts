import { contentRevision } from "../atomic/content-revision.ts";
import { RevisionConflictError } from "../errors.ts";
import { statOf } from "./content-cache.ts";
import { absentRevision, type DocumentState } from "./document-state.ts";
import { sameIdentity, type FileStats } from "./file-identity.ts";
import { readBytes } from "./read-bytes.ts";
import { runSync } from "./steps.ts";

/** What was loaded under the lock, to be changed, and the file it was then. */
export interface LoadedContent {
  readonly state: DocumentState;
  /** Undefined where no file was. */
  readonly stats: FileStats | undefined;
}

/**
 * Called right before a change becomes visible that was made from what was loaded: somebody may have written meanwhile who
 * takes no lock. A file that was only touched, or rewritten as it was, is the same.
 *
 * @throws {RevisionConflictError} the content is another now.
 * @throws {ReadFailedError | UnsafePathError} it cannot be told.
 */
export function refuseChangedSince(path: string, { state, stats }: LoadedContent): void {
  const now = statOf(path);
  if (now === undefined && stats === undefined) return;
  if (now !== undefined && stats !== undefined && sameIdentity(now, stats)) return;
  const bytes = runSync(readBytes(path, Infinity, false))?.bytes;
  if (bytes !== undefined && state.bytes?.equals(bytes) === true) return;
  const found = bytes === undefined ? absentRevision : contentRevision(bytes);
  throw new RevisionConflictError(path, state.revision, found);
}
