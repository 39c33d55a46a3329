import { AppendFile } from "../atomic/append-file.ts";
import { contentRevision } from "../atomic/content-revision.ts";
import { lineCountOf } from "../atomic/line-count.ts";
import { logRevision } from "../atomic/log-revision.ts";
import type { Quarantined } from "../atomic/quarantine.ts";
import { absentRevision } from "../document/document-state.ts";
import { RevisionConflictError } from "../errors.ts";
import type { FileLock } from "../lock/file-lock.ts";
import { GatheredRecords } from "../log/gathered-records.ts";
import type { LogEntry } from "../log/log-entry.ts";
import type { LogRules } from "../log/log-options.ts";
import { WholeLog, type WholeRewrite } from "../log/whole-log.ts";
import type { Durability, Receipt } from "../options.ts";
import { files } from "../platform/file-system.ts";
import type { DocumentChange, LogChange } from "./file-change.ts";
import type { Participant } from "./participant.ts";

/** What a log is in a commit of several files. */
export interface LogPart {
  readonly path: string;
  readonly layout: Participant["layout"];
  readonly durability: Durability;
  readonly rules: LogRules;
  /** Makes what the work gets. `tail` is the position of the next record; `entries` reads the log. */
  draftOf(
    gathered: GatheredRecords,
    tail: number,
    lock: FileLock,
    entries: () => Promise<readonly LogEntry<unknown>[]>,
  ): unknown;
  /** Which of these the log holds already. */
  findDuplicates(records: readonly unknown[]): readonly number[];
}

/** What became of it. */
export interface LogOutcome extends Receipt {
  readonly position: number;
  readonly nextPosition: number;
  readonly duplicates: readonly number[];
  readonly quarantined: Quarantined | undefined;
}

/** A log in a commit of several files: records are gathered while the work lasts, and appended together, or take its place. */
export class LogParticipant implements Participant {
  readonly path: string;
  readonly layout: Participant["layout"];
  readonly durability: Durability;
  readonly #part: LogPart;
  readonly #gathered: GatheredRecords;
  #lock: FileLock | undefined;
  #file: AppendFile | undefined;
  #offset = 0;
  #tail = 0;
  #quarantined: Quarantined | undefined;
  #duplicates: readonly number[] = [];
  #change: LogChange | DocumentChange | undefined;
  #whole: Promise<WholeLog<unknown>> | undefined;
  #rewritten: WholeRewrite | undefined;

  constructor(part: LogPart) {
    this.path = part.path;
    this.layout = part.layout;
    this.durability = part.durability;
    this.#part = part;
    this.#gathered = new GatheredRecords(part.rules);
  }

  open(lock: FileLock): unknown {
    this.#lock = lock;
    this.#file = AppendFile.open(lock.targetPath, false)?.use();
    if (this.#file !== undefined) {
      this.#offset = this.#file.settle((moved) => (this.#quarantined = moved));
      this.#tail = lineCountOf(lock.targetPath).before(lock.targetPath, this.#file.fd, this.#offset);
    }
    return this.#part.draftOf(this.#gathered, this.#tail, lock, async () => {
      this.#gathered.checkOpen();
      return (await this.#readWhole()).entries;
    });
  }

  seal(): void {
    this.#gathered.close();
  }

  async settle(layout: string): Promise<LogChange | DocumentChange | undefined> {
    if (this.#gathered.kept !== undefined) return (this.#change = await this.#rewrite(layout));
    this.#duplicates = this.#part.findDuplicates(this.#gathered.records);
    const { bytes, lines } = this.#gathered.finish(this.#duplicates);
    if (lines === 0 || this.#lock === undefined) return undefined;
    const file = (this.#file ??= AppendFile.open(this.#lock.targetPath, true).use());
    this.#change = {
      kind: "log",
      lock: this.#lock,
      layout,
      bytes,
      file,
      offset: this.#offset,
      lines,
    };
    return this.#change;
  }

  refuseChangedSince(): void {
    const file = this.#file;
    if (this.#change === undefined) return;
    if (file === undefined) return this.#refuseNew();
    const size = Number(files.fstatSync(file.fd).size);
    if (size === this.#offset && file.isCurrent()) return;
    const revisionAt = (end: number): string => logRevision(end, file.tail(end));
    const found = size === this.#offset ? "another file" : revisionAt(size);
    throw new RevisionConflictError(file.path, revisionAt(this.#offset), found);
  }

  receipt(durability: Durability): LogOutcome {
    const change = this.#change;
    if (this.#rewritten !== undefined) {
      const { revision, changed, lines } = this.#rewritten;
      return {
        revision,
        changed,
        durability: changed ? durability : this.durability,
        position: 0,
        nextPosition: lines,
        duplicates: [],
        quarantined: this.#quarantined,
      };
    }
    const end = this.#offset + (change?.bytes.length ?? 0);
    return {
      revision: logRevision(end, change?.bytes ?? this.#file?.tail(end) ?? new Uint8Array()),
      changed: change !== undefined,
      durability: change === undefined ? this.durability : durability,
      position: this.#tail,
      nextPosition: this.#tail + (change?.kind === "log" ? change.lines : 0),
      duplicates: this.#duplicates,
      quarantined: this.#quarantined,
    };
  }

  fail(): void {
    // Nothing is kept of a log but what is checked before it is used again.
  }

  close(): void {
    this.#gathered.close();
    const file = this.#file;
    this.#file = undefined;
    file?.retire();
    file?.done();
    const whole = this.#whole;
    this.#whole = undefined;
    whole?.then(
      (log) => log.close(),
      () => {}, // nothing was opened
    );
  }

  #readWhole(): Promise<WholeLog<unknown>> {
    return (this.#whole ??= WholeLog.read<unknown>(this.#lock?.targetPath ?? this.path, this.#part.rules));
  }

  /** A log that is rewritten changes as a document does: one file takes the place of the other. */
  async #rewrite(layout: string): Promise<DocumentChange | undefined> {
    const log = await this.#readWhole();
    const rewritten = await log.keep(this.#gathered.kept);
    this.#rewritten = rewritten;
    if (!rewritten.changed || this.#lock === undefined) return undefined;
    log.moveAside();
    const { bytes } = rewritten;
    const revisions = {
      before: log.contentRevision ?? absentRevision,
      after: contentRevision(bytes),
      beforeBytes: this.#offset,
    };
    return { kind: "document", lock: this.#lock, layout, bytes, mode: undefined, ...revisions };
  }

  #refuseNew(): void {
    const path = this.#lock?.targetPath ?? this.path;
    if (files.lstatSync(path) !== undefined)
      throw new RevisionConflictError(path, absentRevision, "a file that somebody made meanwhile");
  }
}
