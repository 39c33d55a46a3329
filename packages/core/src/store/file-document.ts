import { dirname } from "node:path";
import { describeFileKind } from "../atomic/file-kind.ts";
import { mayHaveChangedNames, syncDirectory } from "../atomic/sync-directory.ts";
import { sweepNowAndThen } from "../atomic/sweep-staged.ts";
import type { DeepReadonly } from "../document/deep-readonly.ts";
import type { DocumentJob } from "../document/document-job.ts";
import { resolveDocumentOptions, type DocumentOptions } from "../document/document-options.ts";
import { engineFor } from "../document/engine-registry.ts";
import {
  jsonDocument,
  type DocumentReceipt,
  type DocumentSnapshot,
  type JsonDocument,
  type Recipe,
} from "../document/json-document.ts";
import { runAsync } from "../document/steps.ts";
import { CommitUncertainError, RevisionConflictError, UnsafePathError, WriteFailedError } from "../errors.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import { withWriteLock } from "../lock/with-lock.ts";
import { checkExpectedRevision, checkFunction, checkOptions, type WaitOptions } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { DocumentParticipant } from "../transact/document-participant.ts";
import { checkSharedLocks, type FileContext } from "./file-context.ts";
import { FilePlace } from "./file-place.ts";
import { HandleView } from "./handle-view.ts";
import { checkMerge, type OwnChange } from "./reconcile.ts";
import type { DocumentSpec, StoreChangeOptions, StoreDocument, StoreWatchOptions } from "./store-document.ts";

/** A document of a file store: a JSON document with a name, fences, and memory of what it was seen to be. */
export class FileDocument<T> implements StoreDocument<T> {
  readonly kind = "document";
  readonly name: string;
  readonly context: FileContext;
  readonly #place: FilePlace;
  readonly #options: DocumentOptions<T>;
  readonly #document: JsonDocument<T>;
  readonly #view: HandleView<T>;

  constructor(context: FileContext, spec: DocumentSpec<T>) {
    const { name, merge, ...options } = spec;
    this.name = name;
    this.context = context;
    this.#place = new FilePlace(context.root, name);
    this.#view = new HandleView(this.#place.path, checkMerge(merge), spec.defaults);
    this.#options = { ...options, ...context.lock };
    this.#document = jsonDocument<T>(this.#place.path, this.#options);
  }

  read(): Promise<DeepReadonly<T>> {
    return this.context.work.runOurs(`read ${this.name}`, async () => {
      this.#place.checkForReading();
      const value = await this.#document.read();
      const { known } = this.#view;
      if (known?.value === value) return known.value;
      return this.#view.see(await this.#document.readWithRevision()).value;
    });
  }

  readWithRevision(): Promise<DocumentSnapshot<T>> {
    return this.context.work.runOurs(`read ${this.name}`, async () => {
      this.#place.checkForReading();
      return this.#view.see(await this.#document.readWithRevision());
    });
  }

  readLocked(options: WaitOptions = {}): Promise<DeepReadonly<T>> {
    return this.context.work.runOurs(`read ${this.name}`, async () => {
      checkSharedLocks(this.context, this.name);
      this.#place.prepareForWriting(); // the lock is a file, too
      return this.#view.see(await this.#document.readLockedWithRevision(options)).value;
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
    const { work } = this.context;
    work.checkOpen(`watch ${this.name}`);
    this.#place.checkForReading();
    const { from, ...rest } = options;
    let isFirst = true;
    for await (const snapshot of this.#document.watch({ ...rest, signal: work.until(options.signal) })) {
      if (isFirst && snapshot.revision === from) continue;
      isFirst = false;
      yield this.#view.see(snapshot);
    }
  }

  remove(options: StoreChangeOptions = {}): Promise<boolean> {
    const attempt = async (): Promise<boolean> => {
      const wait = this.#checked(options);
      const fence = this.context.fences.jobFence(options.fence, wait);
      this.#place.prepareForWriting();
      return await withWriteLock(
        this.#place.path,
        async (lock) => {
          finishIntent(lock);
          await fence?.admit();
          if (options.expectedRevision !== undefined) await this.#checkRevision(options.expectedRevision);
          sweepNowAndThen(lock.targetPath);
          lock.assertHeld();
          fence?.assertHeld();
          const removed = await removeFile(lock.targetPath, this.#options.durability !== "os");
          this.#view.seeAbsent();
          return removed;
        },
        wait,
      );
    };
    return this.#view.remove(() => this.context.work.run(`remove ${this.name}`, attempt));
  }

  /** Takes in what a commit of several files made of it: a later `write` of this handle builds on that. */
  committed(receipt: DocumentReceipt<T>): void {
    this.#view.see(receipt);
  }

  /** Its part in a commit of several files. */
  participant(): DocumentParticipant {
    this.#place.prepareForWriting();
    return new DocumentParticipant(
      this.#place.path,
      this.#options as DocumentOptions<unknown>,
      (replacement) => this.#view.reconciling(replacement),
    );
  }

  #change(
    change: Pick<DocumentJob, "recipe" | "replacement" | "reconcile">,
    options: StoreChangeOptions,
    own?: OwnChange,
  ): Promise<DocumentReceipt<T>> {
    return this.context.work.run(`change ${this.name}`, async () => {
      const wait = this.#checked(options);
      const fence = this.context.fences.jobFence(options.fence, wait);
      this.#place.prepareForWriting();
      const { rules, integers } = resolveDocumentOptions(this.#options);
      const { expectedRevision } = options;
      const job: DocumentJob = { ...change, expectedRevision, fence, rules };
      const engine = engineFor(this.#place.path, this.#options, integers);
      const receipt = (await engine.submit(job, wait)) as DocumentReceipt<T>;
      return this.#view.see(receipt, own);
    });
  }

  /** What a call says about waiting, before what the store and the spec say. */
  #checked(options: StoreChangeOptions): DocumentOptions<T> {
    checkOptions(options);
    const { timeoutMs = this.#options.timeoutMs, signal, priority } = options;
    checkExpectedRevision(options.expectedRevision);
    const wait = { ...this.#options, timeoutMs, signal, priority };
    resolveDocumentOptions(wait);
    return wait;
  }

  async #checkRevision(expected: string): Promise<void> {
    const { rules, integers } = resolveDocumentOptions(this.#options);
    const { cache, path } = engineFor(this.#place.path, this.#options, integers);
    const { revision } = await runAsync(cache.load(path, rules, true));
    if (revision !== expected) throw new RevisionConflictError(this.#place.path, expected, revision);
  }
}

async function removeFile(targetPath: string, isDurable: boolean): Promise<boolean> {
  try {
    const found = files.lstatSync(targetPath);
    if (found === undefined) return false;
    if (!found.isFile())
      throw new UnsafePathError(targetPath, `it is ${describeFileKind(found)}, not a regular file.`);
    files.unlinkSync(targetPath);
  } catch (cause) {
    if (cause instanceof UnsafePathError) throw cause;
    if (!mayHaveChangedNames(dirname(targetPath), cause))
      throw new WriteFailedError(targetPath, "remove", cause);
    throw new CommitUncertainError(targetPath, cause, `${targetPath} is removed, or is not`);
  }
  try {
    if (isDurable) await syncDirectory(dirname(targetPath));
  } catch (cause) {
    throw new CommitUncertainError(
      targetPath,
      cause,
      `${targetPath} is removed, but making that durable failed`,
    );
  }
  return true;
}
