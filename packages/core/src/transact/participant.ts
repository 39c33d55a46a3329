import type { FileLock } from "../lock/file-lock.ts";
import type { LayoutName, LockLayout } from "../lock/lock-layout.ts";
import type { Durability } from "../options.ts";
import type { FileChange } from "./file-change.ts";

/** One file's part in a commit of several: opened under its lock, settled when the work is done, then told what became of it. */
export interface Participant {
  readonly path: string;
  readonly layout: LockLayout | LayoutName | undefined;
  /** What it is written with where the call does not say. */
  readonly durability: Durability;
  /** What the work gets. Called under the lock, once earlier commits of the file are finished. */
  open(lock: FileLock): unknown;
  /** The work is done: takes in what it did, while all drafts still live. Throws what refuses it. */
  seal(): void;
  /** Once all are sealed: what it makes of the file, checked; undefined when nothing. Throws what refuses it. */
  settle(layout: string): FileChange | undefined | Promise<FileChange | undefined>;
  /** Right before the commit. @throws {RevisionConflictError} somebody who takes no lock has changed the file since it was opened. */
  refuseChangedSince(): void;
  /** The work's part of the receipt, after the commit. */
  receipt(durability: Durability): unknown;
  /** The commit failed, or the work did: whatever was known of the file is uncertain. Never throws. */
  fail(): void;
  /** Ends it, in any case. Never throws. */
  close(): void;
}
