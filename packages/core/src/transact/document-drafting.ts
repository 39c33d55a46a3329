import { DocumentBatch, receiptOf } from "../document/document-batch.ts";
import type { DocumentJob, DocumentRules } from "../document/document-job.ts";
import type { DocumentState } from "../document/document-state.ts";
import { runAsync } from "../document/steps.ts";
import { withoutDrafts } from "../document/text/draft.ts";
import type { IntegerMode } from "../document/text/json-source.ts";
import type { Durability, Receipt } from "../options.ts";
import type { DocumentDraft } from "../store/store-document.ts";
import { OpenUpdate } from "./open-update.ts";

/** Says how a whole new document is to be reconciled with what is found. */
export type ReplacementGuard = (replacement: unknown) => DocumentJob["reconcile"];

/**
 * What the work of a commit does to one document. The draft is that of an update whose recipe lasts as long as the work does,
 * so that everything an update checks is checked here. Touches no disk.
 */
export class DocumentDrafting {
  readonly before: DocumentState;
  readonly #job: DocumentJob;
  readonly #batch: DocumentBatch<undefined>;
  readonly #update: OpenUpdate;
  /** What the draft throws: the document is missing without defaults, or not valid. It can still be replaced. */
  #unusable: { readonly error: unknown } | undefined;
  #replacement: { readonly value: unknown } | undefined;
  /** Whether the work has seen what it replaces. */
  #looked = false;
  readonly #guard: ReplacementGuard | undefined;
  #after: DocumentState | undefined;
  #open = true;

  /** @param guard - What to do with a replacement made by work that did not look at what it replaces. */
  constructor(
    path: string,
    before: DocumentState,
    rules: DocumentRules,
    integers: IntegerMode,
    guard?: ReplacementGuard,
  ) {
    this.before = before;
    this.#guard = guard;
    this.#job = { recipe: undefined, expectedRevision: undefined, rules };
    this.#batch = new DocumentBatch(path, before, integers);
    this.#update = new OpenUpdate(this.#batch, this.#job);
  }

  /** What the work gets. */
  async open(): Promise<DocumentDraft<unknown>> {
    this.#unusable = await this.#update.failure();
    const { before } = this;
    const look = (): void => void (this.#looked = true);
    const usable = (): OpenUpdate => {
      this.#checkOpen();
      look();
      if (this.#unusable !== undefined) throw this.#unusable.error;
      return this.#update;
    };
    const draft = (): unknown => {
      if (this.#replacement !== undefined)
        throw new TypeError("The document was replaced in this transact: change the value that replaces it");
      return usable().root;
    };
    return {
      get value() {
        return usable().base as never;
      },
      get revision() {
        look();
        return before.revision;
      },
      get draft() {
        return draft();
      },
      replace: (value) => {
        this.#checkOpen();
        this.#replacement = { value };
      },
    };
  }

  /**
   * The work is done: takes it in while the drafts of all documents still live, parts of which it may have moved to this one.
   * Throws what refuses it.
   */
  seal(): void {
    this.#open = false;
    if (this.#replacement !== undefined)
      this.#replacement = { value: withoutDrafts(this.#replacement.value) };
    else this.#update.seal();
  }

  /** What the document becomes, once all are sealed; undefined when it stays. Throws what refuses it. */
  async settle(): Promise<DocumentState | undefined> {
    if (this.#replacement !== undefined) {
      const replacement = this.#replacement.value;
      const reconcile = this.#looked ? undefined : this.#guard?.(replacement);
      const job = { ...this.#job, replacement, reconcile };
      await runAsync(this.#batch.apply(undefined, job)).finally(() => this.#update.discard());
    } else if (this.#unusable === undefined) await this.#update.finish();
    return (this.#after = this.#batch.outcome);
  }

  /** What the caller is told. The value is undefined where there was none and nothing was made. */
  receipt(durability: Durability): Receipt & { readonly value: unknown } {
    const told = this.#after === undefined ? this.#job.rules.durability : durability;
    const applied = this.#batch.applied.at(-1);
    if (applied !== undefined) return receiptOf(applied, told);
    return { changed: false, durability: told, revision: this.before.revision, value: undefined };
  }

  /** Ends it, in any case. */
  close(): void {
    this.#open = false;
    this.#update.discard();
  }

  #checkOpen(): void {
    if (!this.#open) throw new TypeError("The transact is over: its drafts can no longer be used");
  }
}
