import type { DocumentEngine } from "../document/document-engine.ts";
import {
  resolveDocumentOptions,
  type DocumentOptions,
  type ResolvedDocumentOptions,
} from "../document/document-options.ts";
import type { DocumentState } from "../document/document-state.ts";
import { engineFor } from "../document/engine-registry.ts";
import { refuseChangedSince, type LoadedContent } from "../document/loaded-content.ts";
import { runAsync } from "../document/steps.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { Durability } from "../options.ts";
import type { DocumentDraft } from "../store/store-document.ts";
import { DocumentDrafting, type ReplacementGuard } from "./document-drafting.ts";
import type { DocumentChange } from "./file-change.ts";
import type { Participant } from "./participant.ts";

/** A document's file in a commit of several. */
export class DocumentParticipant implements Participant {
  readonly path: string;
  readonly layout: DocumentOptions<unknown>["layout"];
  readonly durability: Durability;
  readonly #resolved: ResolvedDocumentOptions;
  readonly #engine: DocumentEngine;
  readonly #guard: ReplacementGuard | undefined;
  #lock: FileLock | undefined;
  #loaded: LoadedContent | undefined;
  #drafting: DocumentDrafting | undefined;
  #after: DocumentState | undefined;

  constructor(path: string, options: DocumentOptions<unknown>, guard?: ReplacementGuard) {
    this.#guard = guard;
    this.#resolved = resolveDocumentOptions(options);
    this.path = path;
    this.layout = options.layout;
    this.durability = this.#resolved.rules.durability;
    this.#engine = engineFor(path, options, this.#resolved.integers);
  }

  async open(lock: FileLock): Promise<DocumentDraft<unknown>> {
    const { rules, integers } = this.#resolved;
    this.#lock = lock;
    const loaded = await runAsync(this.#engine.cache.loadToChange(lock.targetPath, rules, true));
    this.#loaded = loaded;
    this.#drafting = new DocumentDrafting(lock.targetPath, loaded.state, rules, integers, this.#guard);
    return await this.#drafting.open();
  }

  seal(): void {
    this.#drafting?.seal();
  }

  async settle(layout: string): Promise<DocumentChange | undefined> {
    const drafting = this.#drafting;
    const lock = this.#lock;
    const after = await drafting?.settle();
    if (drafting === undefined || lock === undefined || after?.bytes === undefined) return undefined;
    this.#after = after;
    const { before } = drafting;
    const { mode } = this.#resolved.rules;
    const revisions = { before: before.revision, after: after.revision };
    return { kind: "document", lock, layout, bytes: after.bytes, mode, ...revisions };
  }

  refuseChangedSince(): void {
    if (this.#after !== undefined && this.#loaded !== undefined && this.#lock !== undefined)
      refuseChangedSince(this.#lock.targetPath, this.#loaded);
  }

  receipt(durability: Durability): unknown {
    if (this.#after !== undefined && this.#lock !== undefined)
      this.#engine.cache.adopt(this.#lock.targetPath, this.#after);
    return this.#drafting?.receipt(durability);
  }

  fail(): void {
    if (this.#after !== undefined) this.#engine.cache.drop();
  }

  close(): void {
    this.#drafting?.close();
  }
}
