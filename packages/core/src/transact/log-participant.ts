import { AppendFile } from "../atomic/append-file.ts";
import { lineCountOf } from "../atomic/line-count.ts";
import { logRevision } from "../atomic/log-revision.ts";
import type { Quarantined } from "../atomic/quarantine.ts";
import { RevisionConflictError } from "../errors.ts";
import type { FileLock } from "../lock/file-lock.ts";
import { GatheredRecords } from "../log/gathered-records.ts";
import type { LogRules } from "../log/log-options.ts";
import type { Durability, Receipt } from "../options.ts";
import { files } from "../platform/file-system.ts";
import type { LogChange } from "./file-change.ts";
import type { Participant } from "./participant.ts";

/** What a log is in a commit of several files. */
export interface LogPart {
  readonly path: string;
  readonly layout: Participant["layout"];
  readonly durability: Durability;
  readonly rules: LogRules;
  /** Makes what the work gets. `tail` is the position of the next record. */
  draftOf(gathered: GatheredRecords, tail: number): unknown;
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

/** A log in a commit of several files: records are gathered while the work lasts, and appended together. */
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
  #change: LogChange | undefined;

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
    return this.#part.draftOf(this.#gathered, this.#tail);
  }

  seal(): void {
    this.#gathered.close();
  }

  settle(layout: string): LogChange | undefined {
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
    if (this.#change === undefined || file === undefined) return;
    const size = Number(files.fstatSync(file.fd).size);
    if (size === this.#offset && file.isCurrent()) return;
    const revisionAt = (end: number): string => logRevision(end, file.tail(end));
    const found = size === this.#offset ? "another file" : revisionAt(size);
    throw new RevisionConflictError(file.path, revisionAt(this.#offset), found);
  }

  receipt(durability: Durability): LogOutcome {
    const change = this.#change;
    const end = this.#offset + (change?.bytes.length ?? 0);
    return {
      revision: logRevision(end, change?.bytes ?? this.#file?.tail(end) ?? new Uint8Array()),
      changed: change !== undefined,
      durability: change === undefined ? this.durability : durability,
      position: this.#tail,
      nextPosition: this.#tail + (change?.lines ?? 0),
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
  }
}
