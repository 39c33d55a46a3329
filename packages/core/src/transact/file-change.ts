import type { AppendFile } from "../atomic/append-file.ts";
import type { FileLock } from "../lock/file-lock.ts";

/** What a commit makes of one file, whose exclusive lock is held and whose earlier commits are finished. */
export type FileChange = DocumentChange | LogChange;

interface Change {
  readonly lock: FileLock;
  /** The name of the layout of its lock. */
  readonly layout: string;
  /** The new content, or the lines to be appended. */
  readonly bytes: Uint8Array;
}

/** A file whose content is replaced: a document, or a log that is rewritten. */
export interface DocumentChange extends Change {
  readonly kind: "document";
  /** Permission bits, where they are not to be kept. */
  readonly mode: number | undefined;
  /** Revisions of the old content and of the new one. */
  readonly before: string;
  readonly after: string;
  /** Of a log: the size of the old content. */
  readonly beforeBytes?: number | undefined;
}

/** A file that lines are appended to. */
export interface LogChange extends Change {
  readonly kind: "log";
  /** The open log. It ends in a newline. */
  readonly file: AppendFile;
  readonly offset: number;
  readonly lines: number;
}
