import { dirname } from "node:path";
import { CommitUncertainError } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import { syncDirectory, syncDirectorySync } from "./sync-directory.ts";

/** Someone whose lines are written and not yet durable. */
export interface AwaitingSync {
  readonly resolve: () => void;
  readonly reject: (error: CommitUncertainError) => void;
}

/** The descriptor to be synced, kept open by those who use it. */
export interface SyncedFile {
  readonly path: string;
  readonly fd: number;
  use(): unknown;
  done(): void;
}

/**
 * Makes written lines durable, one fdatasync at a time: it covers every write that finished before it started, so whoever
 * wrote meanwhile shares the next one.
 *
 * Every line of a file precedes some later line whose sync covers it as well, so an acknowledged line never rests on one
 * that can still be lost. A failed sync is never repeated on its descriptor: it may have dropped the very pages it failed on.
 */
export class SharedSync {
  readonly #file: SyncedFile;
  #waiting: AwaitingSync[] = [];
  #running = false;
  /** Whether the directory entry, too, is known to be durable. */
  #directorySynced = false;
  #failure: unknown;

  constructor(file: SyncedFile) {
    this.#file = file;
  }

  /** A sync failed: nothing written through this descriptor can be promised any more. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Settles each once everything written to the file before this call is durable, or known to be uncertain. */
  join(waiting: readonly AwaitingSync[]): void {
    if (waiting.length === 0) return;
    this.#waiting.push(...waiting);
    if (!this.#running) void this.#run();
  }

  /** The synchronous twin. @throws {CommitUncertainError} */
  syncNow(): void {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      files.fdatasyncSync(this.#file.fd);
      if (!this.#directorySynced) syncDirectorySync(dirname(this.#file.path));
      this.#directorySynced = true;
    } catch (cause) {
      this.#failure ??= cause;
      throw new CommitUncertainError(this.#file.path, cause);
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    this.#file.use();
    while (this.#waiting.length > 0) {
      const covered = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await files.fdatasync(this.#file.fd);
        // The name may be as new as the lines: whoever created the file may have died before making it durable.
        if (!this.#directorySynced) await syncDirectory(dirname(this.#file.path));
        this.#directorySynced = true;
        for (const { resolve } of covered) resolve();
      } catch (cause) {
        this.#failure ??= cause;
        for (const { reject } of covered) reject(new CommitUncertainError(this.#file.path, cause));
      }
    }
    this.#running = false;
    this.#file.done();
  }
}
