import type { DocumentDraft, LogDraft, Store, StoreDocument, StoreMembers } from "@flockwork/core";
import { emptyFile, shapeOf } from "../variants/detect.ts";
import { putInto } from "../variants/no-place.ts";
import type { Json, VariantName } from "../variants/shape.ts";
import { applyChanges } from "./apply-changes.ts";
import type { OpenBook, TimeBook } from "./book.ts";
import { coalesce, type TimeRecord } from "./change.ts";
import { FileView, type TimeDefaults } from "./file-view.ts";
import { RecentHistory } from "./recent-history.ts";
import { timeRecordSchema } from "./time-record-schema.ts";

/** How a document of time is kept. */
export interface DocumentBookOptions extends TimeDefaults {
  readonly file: string;
  /** Where operations are written down; undefined for nowhere. */
  readonly historyFile: string | undefined;
  /** The variant of a file that is missing. */
  readonly variant: VariantName;
  readonly durability: "disk" | "os";
}

/** Time in FlowForge's own file, in whichever variant it is found. */
export class DocumentBook implements TimeBook {
  readonly members: StoreMembers;
  readonly document: StoreDocument<Json>;
  readonly #history: RecentHistory | undefined;
  readonly #options: DocumentBookOptions;
  readonly #views = new WeakMap<object, FileView>();

  constructor(store: Store, options: DocumentBookOptions) {
    const { file, historyFile, variant, durability } = options;
    this.#options = options;
    this.document = store.document<Json>({
      name: file,
      defaults: () => emptyFile(variant),
      layout: "flowforge",
      allowEmpty: true,
      durability,
    });
    if (historyFile === undefined) {
      this.members = { time: this.document };
      return;
    }
    const log = store.log<TimeRecord>({ name: historyFile, durability, schema: timeRecordSchema });
    this.#history = new RecentHistory(log);
    this.members = { time: this.document, history: log };
  }

  get file(): string {
    return this.#options.file;
  }

  get hasHistory(): boolean {
    return this.#history !== undefined;
  }

  async read(): Promise<FileView> {
    return this.#view((await this.document.read()) as Json);
  }

  open(drafts: Readonly<Record<string, unknown>>): Promise<OpenBook> {
    const time = drafts["time"] as DocumentDraft<Json>;
    const history = drafts["history"] as LogDraft<TimeRecord> | undefined;
    const view = this.#view(time.value as Json);
    return Promise.resolve({
      view,
      write: (records) => {
        const changes = coalesce(records.flatMap((record) => record.changes));
        const atMs = records.at(-1)?.atMs ?? 0;
        if (changes.length > 0) putInto(this.file, () => applyChanges(view, time.draft, changes, atMs));
        history?.append(...records.flatMap(inParts));
      },
    });
  }

  async history(drafts?: Readonly<Record<string, unknown>>): Promise<readonly TimeRecord[]> {
    return (await this.#history?.read(drafts?.["history"] as LogDraft<TimeRecord> | undefined)) ?? [];
  }

  #view(file: Json): FileView {
    let view = this.#views.get(file);
    if (view === undefined) {
      view = new FileView(file, shapeOf(file, this.#options.file), this.#options);
      this.#views.set(file, view);
    }
    return view;
  }
}

const changesInLine = 200;

/** A large operation as several lines: no line of a log may be longer than it allows. */
export function inParts(record: TimeRecord): TimeRecord[] {
  const { changes } = record;
  if (changes.length <= changesInLine) return [record];
  const parts: TimeRecord[] = [];
  for (let at = 0; at < changes.length; at += changesInLine)
    parts.push({ ...record, changes: changes.slice(at, at + changesInLine) });
  return parts;
}
