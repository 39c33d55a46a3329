import { checkLimits } from "../document/content-cache.ts";
import type { DeepReadonly } from "../document/deep-readonly.ts";
import { DocumentBatch, receiptOf } from "../document/document-batch.ts";
import type { DocumentJob } from "../document/document-job.ts";
import { resolveDocumentOptions, type ResolvedDocumentOptions } from "../document/document-options.ts";
import { absentState, parseState, type DocumentState } from "../document/document-state.ts";
import type { DocumentReceipt, DocumentSnapshot, Recipe } from "../document/json-document.ts";
import { runAsync } from "../document/steps.ts";
import { RevisionConflictError } from "../errors.ts";
import { checkExpectedRevision, checkFunction, checkOptions, type WaitOptions } from "../options.ts";
import { DocumentDrafting } from "../transact/document-drafting.ts";
import type { MemoryContext } from "./memory-context.ts";
import type { MemoryCell } from "./memory-space.ts";
import { HandleView } from "./handle-view.ts";
import { checkMerge, type OwnChange } from "./reconcile.ts";
import type { DocumentSpec, StoreChangeOptions, StoreDocument, StoreWatchOptions } from "./store-document.ts";
import { checkWatchOptions } from "../document/watch-document.ts";

/** A document in memory: bytes under a lock, one change after the other. */
export class MemoryDocument<T> implements StoreDocument<T> {
  readonly kind = "document";
  readonly name: string;
  readonly context: MemoryContext;
  readonly cell: MemoryCell;
  readonly #resolved: ResolvedDocumentOptions;
  readonly #view: HandleView<T>;

  constructor(context: MemoryContext, spec: DocumentSpec<T>) {
    this.name = spec.name;
    this.context = context;
    this.cell = context.space.cell(spec.name);
    this.#view = new HandleView(spec.name, checkMerge(spec.merge), spec.defaults);
    this.#resolved = resolveDocumentOptions(spec);
  }

  async read(): Promise<DeepReadonly<T>> {
    return (await this.readWithRevision()).value;
  }

  readWithRevision(): Promise<DocumentSnapshot<T>> {
    return this.#run("read", async () => {
      this.cell.checkForReading();
      return this.#view.see(await this.#snapshot());
    });
  }

  readLocked(options: WaitOptions = {}): Promise<DeepReadonly<T>> {
    return this.#run("read", async () => {
      this.cell.prepareForWriting(); // the lock is a file, too
      const snapshot = await this.cell.hold("shared", options, () => this.#snapshot());
      return this.#view.see(snapshot).value;
    });
  }

  update(recipe: Recipe<T>, options: StoreChangeOptions = {}): Promise<DocumentReceipt<T>> {
    checkFunction("recipe", recipe);
    return this.#view.update(recipe as (draft: unknown) => unknown, (noted, own) =>
      this.#change({ recipe: noted }, options, own),
    );
  }

  write(value: T | DeepReadonly<T>, options: StoreChangeOptions = {}): Promise<DocumentReceipt<T>> {
    return this.#view.write(value, options.expectedRevision === undefined, (reconcile) =>
      this.#change({ recipe: undefined, replacement: value, reconcile }, options),
    );
  }

  async *watch(options: StoreWatchOptions = {}): AsyncGenerator<DocumentSnapshot<T>, void, undefined> {
    checkWatchOptions(options);
    this.context.work.checkOpen(`watch ${this.name}`);
    this.cell.checkForReading();
    const signal = this.context.work.until(options.signal);
    let known = options.from;
    while (!signal.aborted) {
      const changed = this.cell.nextChange(signal);
      const canRead = this.cell.bytes !== undefined || this.#resolved.rules.defaults !== undefined;
      const snapshot = canRead ? await this.#snapshot() : undefined;
      if (snapshot !== undefined && snapshot.revision !== known) {
        known = snapshot.revision;
        yield this.#view.see(snapshot);
      } else await changed;
    }
  }

  remove(options: StoreChangeOptions = {}): Promise<boolean> {
    const attempt = async (): Promise<boolean> => {
      await this.context.fences.jobFence(options.fence, options)?.admit();
      if (options.expectedRevision !== undefined) this.#checkRevision(options.expectedRevision);
      options.fence?.assertHeld?.();
      const was = this.cell.bytes !== undefined;
      this.cell.bytes = undefined;
      this.cell.changed();
      this.#view.seeAbsent();
      return was;
    };
    return this.#view.remove(() => this.#locked("remove", options, attempt));
  }

  /** Takes in what a commit of several members made of it: a later `write` of this handle builds on that. */
  committed(receipt: DocumentReceipt<T>): void {
    this.#view.see(receipt);
  }

  /** Its part in a commit of several members, under its lock. */
  drafting(): DocumentDrafting {
    const { rules, integers } = this.#resolved;
    return new DocumentDrafting(this.name, this.#state(), rules, integers, (replacement) =>
      this.#view.reconciling(replacement),
    );
  }

  get durability(): "disk" | "os" {
    return this.#resolved.rules.durability;
  }

  #change(
    change: Pick<DocumentJob, "recipe" | "replacement" | "reconcile">,
    options: StoreChangeOptions,
    own?: OwnChange,
  ): Promise<DocumentReceipt<T>> {
    return this.#locked("change", options, async () => {
      const fence = this.context.fences.jobFence(options.fence, options);
      const { rules, integers } = this.#resolved;
      const job: DocumentJob = { ...change, expectedRevision: options.expectedRevision, fence, rules };
      const batch = new DocumentBatch<undefined>(this.name, this.#state(), integers);
      await runAsync(batch.apply(undefined, job));
      const { outcome } = batch;
      await fence?.admit(); // again: the recipe may have taken long
      fence?.assertHeld();
      if (outcome?.bytes !== undefined) {
        this.cell.bytes = outcome.bytes;
        this.cell.changed();
      }
      const [applied] = batch.applied;
      if (applied === undefined) throw new TypeError("a change ended without an outcome");
      const receipt = receiptOf(applied, rules.durability) as DocumentReceipt<T>;
      return this.#view.see(receipt, own);
    });
  }

  #locked<R>(attempt: string, options: StoreChangeOptions, work: () => Promise<R>): Promise<R> {
    return this.#run(attempt, async () => {
      checkOptions(options);
      checkExpectedRevision(options.expectedRevision);
      resolveDocumentOptions(options);
      this.cell.prepareForWriting();
      return await this.cell.hold("exclusive", options, work);
    });
  }

  #run<R>(attempt: string, work: () => Promise<R>): Promise<R> {
    return this.context.work.run(`${attempt} ${this.name}`, async () => {
      await this.context.pause();
      return await work();
    });
  }

  #checkRevision(expected: string): void {
    const { revision } = this.#state();
    if (revision !== expected) throw new RevisionConflictError(this.name, expected, revision);
  }

  #state(): DocumentState {
    const { rules, integers } = this.#resolved;
    const { bytes } = this.cell;
    if (bytes === undefined) return absentState;
    const state = parseState(this.name, bytes, { maxDepth: rules.maxDepth, integers });
    checkLimits(this.name, state, rules);
    return state;
  }

  /** An update that changes nothing sees what a reader is to see. */
  async #snapshot(): Promise<DocumentSnapshot<T>> {
    const { rules, integers } = this.#resolved;
    const state = this.#state();
    const batch = new DocumentBatch<undefined>(this.name, state, integers);
    await runAsync(batch.apply(undefined, { recipe: () => undefined, expectedRevision: undefined, rules }));
    return { value: batch.applied[0]?.value as DeepReadonly<T>, revision: state.revision };
  }
}
