import { DocumentBatch, receiptOf } from "../document/document-batch.ts";
import type { DocumentEngine } from "../document/document-engine.ts";
import type { DocumentJob } from "../document/document-job.ts";
import { resolveDocumentOptions, type DocumentOptions } from "../document/document-options.ts";
import type { DocumentState } from "../document/document-state.ts";
import { engineFor } from "../document/engine-registry.ts";
import { runAsync } from "../document/steps.ts";
import type { IntegerMode } from "../document/text/json-source.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { Durability } from "../options.ts";
import type { DocumentDraft } from "../store/store-document.ts";
import type { DocumentChange } from "./file-change.ts";
import { OpenUpdate } from "./open-update.ts";
import type { Participant } from "./participant.ts";

/**
 * A document in a commit of several files. The draft is that of an update whose recipe lasts as long as the work does, so that
 * everything an update checks is checked here.
 */
export class DocumentParticipant implements Participant {
  readonly path: string;
  readonly layout: DocumentOptions<unknown>["layout"];
  readonly durability: Durability;
  readonly #job: DocumentJob;
  readonly #integers: IntegerMode;
  readonly #engine: DocumentEngine;
  #lock: FileLock | undefined;
  #batch: DocumentBatch<unknown> | undefined;
  #before: DocumentState | undefined;
  #after: DocumentState | undefined;
  #update: OpenUpdate | undefined;
  /** What the draft throws: the document is missing without defaults, or not valid. It can still be replaced. */
  #unusable: { readonly error: unknown } | undefined;
  #replacement: { readonly value: unknown } | undefined;
  #open = false;

  constructor(path: string, options: DocumentOptions<unknown>) {
    const { rules, integers } = resolveDocumentOptions(options);
    this.path = path;
    this.layout = options.layout;
    this.durability = rules.durability;
    this.#job = { recipe: undefined, expectedRevision: undefined, rules };
    this.#engine = engineFor(path, options, integers);
    this.#integers = integers;
  }

  async open(lock: FileLock): Promise<DocumentDraft<unknown>> {
    this.#lock = lock;
    this.#before = await runAsync(this.#engine.cache.load(lock.targetPath, this.#job.rules, true));
    this.#batch = new DocumentBatch(lock.targetPath, this.#before, this.#integers);
    this.#update = new OpenUpdate(this.#batch, this.#job);
    this.#unusable = await this.#update.failure();
    this.#open = true;
    return this.#draft(this.#before);
  }

  async settle(layout: string): Promise<DocumentChange | undefined> {
    this.#open = false;
    const batch = this.#batch;
    const update = this.#update;
    if (batch === undefined || update === undefined || this.#lock === undefined) return undefined;
    if (this.#replacement !== undefined) {
      const job = { ...this.#job, replacement: this.#replacement.value };
      await runAsync(batch.apply(undefined, job)).finally(() => update.discard());
    } else if (this.#unusable === undefined) await update.finish();
    this.#after = batch.outcome;
    const bytes = this.#after?.bytes;
    if (this.#after === undefined || bytes === undefined) return undefined;
    return {
      kind: "document",
      lock: this.#lock,
      layout,
      bytes,
      mode: this.#job.rules.mode,
      before: this.#before?.revision ?? "",
      after: this.#after.revision,
    };
  }

  receipt(durability: Durability): unknown {
    if (this.#after !== undefined && this.#lock !== undefined)
      this.#engine.cache.adopt(this.#lock.targetPath, this.#after);
    const applied = this.#batch?.applied.at(-1);
    if (applied !== undefined)
      return receiptOf(applied, this.#after === undefined ? this.durability : durability);
    const { revision = "" } = this.#before ?? {};
    return { changed: false, durability: this.durability, revision, value: undefined };
  }

  fail(): void {
    if (this.#after !== undefined) this.#engine.cache.drop();
  }

  close(): void {
    this.#open = false;
    this.#update?.discard();
  }

  #draft(before: DocumentState): DocumentDraft<unknown> {
    const usable = (): OpenUpdate => {
      this.#checkOpen();
      if (this.#unusable !== undefined) throw this.#unusable.error;
      return this.#update as OpenUpdate;
    };
    const replace = (value: unknown): void => {
      this.#checkOpen();
      this.#replacement = { value };
    };
    const draftOf = (): unknown => {
      if (this.#replacement !== undefined)
        throw new TypeError("The document was replaced in this transact: change the value that replaces it");
      return usable().root;
    };
    return {
      get value() {
        return usable().base as never;
      },
      get revision() {
        return before.revision;
      },
      get draft() {
        return draftOf();
      },
      replace,
    };
  }

  #checkOpen(): void {
    if (!this.#open) throw new TypeError("The transact is over: its drafts can no longer be used");
  }
}
