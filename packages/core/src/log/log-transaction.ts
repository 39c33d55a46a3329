import type { AppendHold } from "../atomic/append-job.ts";
import { encodeRecord, type RecordRules } from "./encode-record.ts";
import type { LogSnapshot } from "./log-snapshot.ts";

/** What a decision sees and says while the log is locked. Valid until the decision returns. */
export interface LogTransaction<T> {
  /** Size of the log in bytes: the offset at which the records of this decision will begin. */
  readonly size: number;
  /**
   * Every record of the log, those of earlier decisions included. Costs only what was added since the log object last read.
   * Keep a cursor of your own instead where the records fold into a smaller state.
   */
  records(): readonly T[];
  /**
   * Adds records, to be written together when the decision returns; if it throws, none is.
   * @throws {RecordInvalidError | TooLargeError} nothing of this call was added.
   */
  append(...records: readonly T[]): void;
}

/** Gathers what one decision appends. */
export class PendingTransaction<T> implements LogTransaction<T> {
  readonly size: number;
  readonly #rules: RecordRules;
  readonly #snapshot: LogSnapshot<T>;
  #lines: string[] = [];
  #open = true;

  constructor(hold: AppendHold, rules: RecordRules, snapshot: LogSnapshot<T>) {
    this.size = hold.size;
    this.#rules = rules;
    this.#snapshot = snapshot;
  }

  records(): readonly T[] {
    this.#checkOpen();
    return this.#snapshot.readSync();
  }

  append(...records: readonly T[]): void {
    this.#checkOpen();
    const lines = records.map((record, index) =>
      encodeRecord(this.#rules, record, this.#lines.length + index),
    );
    this.#lines.push(...lines);
  }

  /** Ends the decision. Undefined when it appends nothing. */
  finish(): Uint8Array | undefined {
    this.#open = false;
    return this.#lines.length === 0 ? undefined : Buffer.from(`${this.#lines.join("\n")}\n`);
  }

  #checkOpen(): void {
    if (!this.#open) throw new TypeError("The transaction is over: its records are on their way to the log");
  }
}
