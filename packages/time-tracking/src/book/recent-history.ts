import type { LogDraft, StoreLog, StoreLogSink } from "@flockwork/core";
import type { TimeRecord } from "./change.ts";

const kept = 500;

/** The newest operations of a history. Reading again costs what was added. */
export class RecentHistory implements StoreLogSink<TimeRecord> {
  readonly #log: StoreLog<TimeRecord>;
  readonly #cursor: ReturnType<StoreLog<TimeRecord>["cursor"]>;
  #records: TimeRecord[] = [];

  constructor(log: StoreLog<TimeRecord>) {
    this.#log = log;
    this.#cursor = log.cursor();
  }

  apply(record: TimeRecord): void {
    this.#records.push(record);
    if (this.#records.length > 2 * kept) this.#records = this.#records.slice(-kept);
  }

  reset(): void {
    this.#records = [];
  }

  async read(draft?: LogDraft<TimeRecord>): Promise<readonly TimeRecord[]> {
    await (draft === undefined ? this.#cursor.advance(this) : draft.advance(this.#cursor, this));
    return this.#records.slice(-kept);
  }

  get log(): StoreLog<TimeRecord> {
    return this.#log;
  }
}
