import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { startStaging, type StagedFile } from "../atomic/staged-file.ts";
import { stagedName } from "../atomic/staged-name.ts";
import { sweepNowAndThen } from "../atomic/sweep-staged.ts";
import { syncDirectory } from "../atomic/sync-directory.ts";
import { writeAllSync } from "../atomic/write-all.ts";
import { precedingHash } from "../intent/finish-log.ts";
import { recordPathBeside, removeMark, writeMark } from "../intent/intent-mark.ts";
import {
  contentHash,
  encodeIntent,
  type IntentMember,
  type ReplacedDocument,
} from "../intent/intent-record.ts";
import type { Durability } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { quietly } from "../platform/forgiving.ts";
import type { DocumentChange, FileChange } from "./file-change.ts";

/** A commit that needs nothing more than its record's name. */
export interface StagedTogether {
  readonly recordPath: string;
  /** The staged file of each change. */
  readonly stagedPaths: readonly string[];
  /** Gives the record its name: from then on the commit is one. Throws the system's error. */
  commit(): void;
  /** Removes everything, while the record has no name. Never throws. */
  abandon(): void;
}

/**
 * Stages each change beside its target, links each target to the record that will tell about it, and writes that record
 * under another name. At `disk` all of it is synced, side by side, but the links
 * beside the record: they are with its name. Nothing anybody reads has changed.
 *
 * Throws what failed, once everything else has come to an end and was removed.
 */
export async function stageTogether(
  changes: readonly FileChange[],
  durability: Durability,
): Promise<StagedTogether> {
  const work = new Staging(changes, durability);
  try {
    work.begin();
  } catch (error) {
    await work.settled();
    work.abandon();
    throw error;
  }
  const failed = await work.settled();
  if (failed !== undefined) {
    work.abandon();
    throw failed.error;
  }
  return work;
}

class Staging implements StagedTogether {
  readonly recordPath: string;
  readonly #changes: readonly FileChange[];
  readonly #durability: Durability;
  /** Named as a staged file of the first member: whoever sweeps those sweeps it too. */
  readonly #stagedRecord: string;
  readonly #staging: { readonly path: string; readonly done: Promise<StagedFile> }[] = [];
  readonly #syncs: Promise<void>[] = [];
  /** The files whose links are ours. */
  readonly #marked: string[] = [];

  constructor(changes: readonly FileChange[], durability: Durability) {
    const first = changes[0]?.lock.targetPath ?? "";
    this.#changes = changes;
    this.#durability = durability;
    this.recordPath = recordPathBeside(first, randomBytes(16).toString("hex"));
    this.#stagedRecord = join(dirname(first), stagedName(basename(first)));
  }

  get stagedPaths(): readonly string[] {
    return this.#staging.map(({ path }) => path);
  }

  begin(): void {
    const durability = this.#durability;
    for (const { lock } of this.#changes) sweepNowAndThen(lock.targetPath);
    for (const change of this.#changes) {
      const mode = change.kind === "document" ? change.mode : undefined;
      this.#staging.push(startStaging(change.lock.targetPath, change.bytes, { durability, mode }));
    }
    const members = this.#changes.map((change, at) => memberOf(change, this.stagedPaths[at] ?? ""));
    this.#writeRecord(encodeIntent({ durability, members }, this.recordPath));
    for (const { lock } of this.#changes) {
      writeMark(lock.targetPath, this.recordPath);
      this.#marked.push(lock.targetPath);
    }
    // The links beside the record are durable with its name, and before that nothing is applied.
    const elsewhere = directoriesOf(this.#changes).filter((each) => each !== dirname(this.recordPath));
    if (durability === "disk") this.#syncs.push(...elsewhere.map(syncDirectory));
  }

  /** Waits for all of it. Tells the first failure. */
  async settled(): Promise<{ readonly error: unknown } | undefined> {
    const outcomes = await Promise.allSettled([...this.#staging.map(({ done }) => done), ...this.#syncs]);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    return failed === undefined ? undefined : { error: failed.reason };
  }

  commit(): void {
    files.renameSync(this.#stagedRecord, this.recordPath);
  }

  /** What cannot be removed means nothing without a record, and is swept by the next writer. */
  abandon(): void {
    for (const targetPath of this.#marked) quietly(() => removeMark(targetPath));
    for (const path of [this.#stagedRecord, ...this.stagedPaths]) quietly(() => files.unlinkSync(path));
  }

  #writeRecord(bytes: Uint8Array): void {
    const flags = openFlags.O_CREAT | openFlags.O_EXCL | openFlags.O_WRONLY | openFlags.O_NOFOLLOW;
    const fd = files.openSync(this.#stagedRecord, flags, 0o644);
    try {
      writeAllSync(fd, bytes);
    } catch (error) {
      files.closeSync(fd);
      throw error;
    }
    this.#syncs.push(this.#finishRecord(fd));
  }

  async #finishRecord(fd: number): Promise<void> {
    try {
      if (this.#durability === "disk") await files.fsync(fd);
    } finally {
      files.closeSync(fd);
    }
  }
}

function memberOf(change: FileChange, stagedPath: string): IntentMember {
  const { lock, layout, bytes } = change;
  return {
    targetPath: lock.targetPath,
    stagedName: basename(stagedPath),
    stagedHash: contentHash(bytes),
    stagedBytes: bytes.length,
    layout,
    backend: lock.backend,
    lockPaths: lock.lockPaths,
    change:
      change.kind === "document"
        ? replacementOf(change)
        : { kind: "log", offset: change.offset, preceding: precedingHash(change.file.fd, change.offset) },
  };
}

function replacementOf({ before, after, beforeBytes }: DocumentChange): ReplacedDocument {
  return { kind: "document", before, after, ...(beforeBytes !== undefined && { beforeBytes }) };
}

/** The directories in which names change. */
export function directoriesOf(changes: readonly FileChange[]): string[] {
  return [...new Set(changes.map(({ lock }) => dirname(lock.targetPath)))];
}
