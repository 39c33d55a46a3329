import type { FinishingLock } from "../intent/finish-intent.ts";
import { files } from "../platform/file-system.ts";
import type { AppendFile } from "./append-file.ts";
import { lineCountOf, linesIn } from "./line-count.ts";
import type { Appended, AppendHold, QueuedJob } from "./append-job.ts";
import type { Quarantined } from "./quarantine.ts";
import type { SharedSync } from "./shared-sync.ts";

/** What is larger is written through libuv's threads, so that the event loop stays free. */
const largestSyncWriteBytes = 1 << 20;

/** A job whose lines are in the file, and what to tell its caller. */
export interface Written {
  readonly queued: QueuedJob;
  readonly appended: Appended;
}

/** Opens the file for the batch: with `create`, or only if it is there. */
export interface OpenForBatch {
  (create: true): AppendFile;
  (create: boolean): AppendFile | undefined;
}

/**
 * The jobs of one hold of the lock, in order. Lines that are ready are written together, in one write; a decision is made
 * after everything before it has been written, and its lines follow before the next decision.
 */
export class AppendBatch {
  readonly written: Written[] = [];
  readonly #lock: FinishingLock;
  readonly #open: OpenForBatch;
  /** The file written to, kept open until {@link close}. */
  #file: AppendFile | undefined;
  #size = 0;
  #quarantined: Quarantined | undefined;
  #ready: { readonly queued: QueuedJob; readonly bytes: Uint8Array }[] = [];

  constructor(lock: FinishingLock, open: OpenForBatch) {
    this.#lock = lock;
    this.#open = open;
  }

  /** Makes what was written durable; to be called once the lock is released. */
  get sync(): SharedSync | undefined {
    return this.#file?.sync;
  }

  /** Ends the use of the descriptor. */
  close(): void {
    this.#file?.done();
  }

  /** Rejects the jobs that fail, and lists the others in `written`. Never throws. */
  async run(jobs: readonly QueuedJob[]): Promise<void> {
    for (const queued of jobs) {
      const { content } = queued.job;
      if (typeof content !== "function" && content.length > 0) {
        this.#ready.push({ queued, bytes: content });
        continue;
      }
      await this.#flush();
      try {
        this.#attach();
        const decided = typeof content === "function" ? content(this.#hold()) : undefined;
        const bytes = decided instanceof Promise ? await decided : decided;
        if (bytes === undefined || bytes.length === 0)
          this.written.push({ queued, appended: this.#unchanged(queued.job.countsLines) });
        else this.#ready.push({ queued, bytes });
      } catch (error) {
        queued.reject(error);
      }
    }
    await this.#flush();
  }

  /** The synchronous twin, for one job whose bytes are ready. Throws what {@link run} rejects with. */
  runSync(bytes: Uint8Array): Appended {
    if (bytes.length === 0) {
      this.#attach();
      return this.#unchanged();
    }
    const file = this.#beginWrite();
    try {
      const count = files.writeSync(file.fd, bytes, 0, bytes.length, null);
      checkWhole(count, bytes.length);
    } catch (cause) {
      throw file.takeBack(this.#size, cause);
    }
    return this.#account(bytes);
  }

  async #flush(): Promise<void> {
    const ready = this.#ready;
    const first = ready[0];
    if (first === undefined) return;
    this.#ready = [];
    const bytes = ready.length === 1 ? first.bytes : Buffer.concat(ready.map((each) => each.bytes));
    let lines: number | undefined;
    try {
      if (ready.some(({ queued }) => queued.job.countsLines)) {
        this.#attach();
        lines = this.#linesBefore();
      }
      await this.#write(bytes);
    } catch (error) {
      for (const { queued } of ready) queued.reject(error);
      return;
    }
    if (lines !== undefined) lineCountOf(this.#lock.targetPath).passed(bytes);
    for (const { queued, bytes: own } of ready) {
      this.written.push({ queued, appended: this.#account(own, lines) });
      if (lines !== undefined) lines += linesIn(own);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const file = this.#beginWrite();
    try {
      const count =
        bytes.length > largestSyncWriteBytes
          ? await files.write(file.fd, bytes, 0, bytes.length, null)
          : files.writeSync(file.fd, bytes, 0, bytes.length, null);
      checkWhole(count, bytes.length);
    } catch (cause) {
      throw file.takeBack(this.#size, cause);
    }
  }

  #beginWrite(): AppendFile {
    const file = this.#file ?? this.#adopt(this.#open(true));
    this.#lock.assertHeld();
    return file;
  }

  /** The file, whole lines only. Opened once per hold; a decision that appends nothing creates nothing. */
  #attach(): AppendFile | undefined {
    if (this.#file !== undefined) return this.#file;
    const file = this.#open(false);
    return file === undefined ? undefined : this.#adopt(file);
  }

  #adopt(file: AppendFile): AppendFile {
    this.#size = file.settle((moved) => {
      this.#quarantined = moved;
    });
    this.#file = file.use();
    return file;
  }

  #hold(): AppendHold {
    const linesBefore = (): number => this.#linesBefore();
    return {
      lock: this.#lock,
      size: this.#size,
      get lines() {
        return linesBefore();
      },
    };
  }

  #account(bytes: Uint8Array, lines?: number): Appended {
    const offset = this.#size;
    this.#size += bytes.length;
    const quarantined = this.#quarantined;
    return { offset, nextOffset: this.#size, changed: true, lines, tail: bytes, quarantined };
  }

  #unchanged(countsLines = false): Appended {
    const offset = this.#size;
    const tail = this.#file?.tail(offset) ?? new Uint8Array();
    const lines = countsLines ? this.#linesBefore() : undefined;
    return { offset, nextOffset: offset, changed: false, lines, tail, quarantined: this.#quarantined };
  }

  /** @throws {WriteFailedError} nothing was changed by that. */
  #linesBefore(): number {
    if (this.#file === undefined) return 0;
    const { targetPath } = this.#lock;
    return lineCountOf(targetPath).before(targetPath, this.#file.fd, this.#size);
  }
}

/** A short write means that the disk is filling up; the rest may never fit, so the part is taken back. */
function checkWhole(written: number, asked: number): void {
  if (written === asked) return;
  throw new Error(`the system accepted ${written} of ${asked} bytes`);
}
