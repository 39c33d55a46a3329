import type { LogDraft, Store, StoreLog, StoreMembers } from "@flockwork/core";
import type { OpenBook, TimeBook } from "./book.ts";
import type { TimeRecord } from "./change.ts";
import { inParts } from "./document-book.ts";
import { JournalView } from "./journal-view.ts";
import { RecentHistory } from "./recent-history.ts";
import { timeRecordSchema } from "./time-record-schema.ts";

/** Time in a journal: each operation appends one line, whatever the journal holds already. */
export class JournalBook implements TimeBook {
  readonly file: string;
  readonly members: StoreMembers;
  readonly hasHistory = true;
  readonly #cursor: ReturnType<StoreLog<TimeRecord>["cursor"]>;
  readonly #view = new JournalView();
  readonly #recent: RecentHistory;

  constructor(store: Store, file: string, durability: "disk" | "os") {
    this.file = file;
    const log = store.log<TimeRecord>({ name: file, durability, schema: timeRecordSchema });
    this.#cursor = log.cursor();
    this.#recent = new RecentHistory(log);
    this.members = { journal: log };
  }

  async read(): Promise<JournalView> {
    await this.#cursor.advance(this.#view);
    return this.#view;
  }

  async open(drafts: Readonly<Record<string, unknown>>): Promise<OpenBook> {
    const journal = drafts["journal"] as LogDraft<TimeRecord>;
    await journal.advance(this.#cursor, this.#view);
    return { view: this.#view, write: (records) => journal.append(...records.flatMap(inParts)) };
  }

  history(drafts?: Readonly<Record<string, unknown>>): Promise<readonly TimeRecord[]> {
    return this.#recent.read(drafts?.["journal"] as LogDraft<TimeRecord> | undefined);
  }
}
