import { checkRewritten } from "./check-rewritten.ts";
import { encodeRecord, type RecordRules } from "./encode-record.ts";

/** Records on their way to a log: checked when they are added, written together, or not at all; or what it is rewritten to. */
export class GatheredRecords {
  readonly #rules: RecordRules;
  readonly #records: unknown[] = [];
  readonly #lines: string[] = [];
  #open = true;
  #kept: readonly unknown[] | undefined;

  constructor(rules: RecordRules) {
    this.#rules = rules;
  }

  /** What was added. */
  get records(): readonly unknown[] {
    return this.#records;
  }

  /** What the log is to become instead, in entries and records. */
  get kept(): readonly unknown[] | undefined {
    return this.#kept;
  }

  /** The log is to become these; what was added before is dropped. @throws {TypeError} they are no collection. */
  replace(kept: unknown): void {
    this.checkOpen();
    this.#kept = [...checkRewritten(kept, "get")];
  }

  /** @throws {RecordInvalidError | TooLargeError} nothing of this call was added. */
  add(records: readonly unknown[]): void {
    this.checkOpen();
    if (this.#kept !== undefined)
      throw new TypeError("The log was rewritten in this transact: rewrite it with what is to be appended");
    const lines = records.map((record, index) =>
      encodeRecord(this.#rules, record, this.#lines.length + index),
    );
    this.#lines.push(...lines);
    this.#records.push(...records);
  }

  /** @throws {TypeError} it was closed. */
  checkOpen(): void {
    if (!this.#open) throw new TypeError("The transact is over: its drafts can no longer be used");
  }

  close(): void {
    this.#open = false;
  }

  /** Closes it: whole lines, without those of the records at `dropped`. */
  finish(dropped: readonly number[]): { readonly bytes: Uint8Array; readonly lines: number } {
    this.close();
    const without = new Set(dropped);
    const lines = without.size === 0 ? this.#lines : this.#lines.filter((_, index) => !without.has(index));
    return { bytes: Buffer.from(lines.length === 0 ? "" : `${lines.join("\n")}\n`), lines: lines.length };
  }
}
