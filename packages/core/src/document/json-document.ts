import { resolve } from "node:path";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { resolveLockOptions, type LockOptions } from "../lock/lock-options.ts";
import {
  checkExpectedRevision,
  checkFunction,
  checkOptions,
  checkPath,
  type Receipt,
  type WaitOptions,
} from "../options.ts";
import { checkLimits, statOf } from "./content-cache.ts";
import type { DeepReadonly } from "./deep-readonly.ts";
import type { DocumentEngine } from "./document-engine.ts";
import type { DocumentJob, JobWait } from "./document-job.ts";
import {
  resolveDocumentOptions,
  type DocumentOptions,
  type ResolvedDocumentOptions,
} from "./document-options.ts";
import { absentState, noContentError, type DocumentState } from "./document-state.ts";
import { engineFor } from "./engine-registry.ts";
import { checkSchema } from "./schema-check.ts";
import { runAsync, runSync, type Steps } from "./steps.ts";
import { settleValue } from "./text/settle-value.ts";
import { checkWatchOptions, watchDocument, type WatchOptions } from "./watch-document.ts";

/** One content of a document. */
export interface DocumentSnapshot<T> {
  /** Frozen all through. */
  readonly value: DeepReadonly<T>;
  /** Equal revisions mean equal bytes. `absentRevision` where no file is. */
  readonly revision: string;
}

/** What a change of a document resolves to: the document right after it, before others changed it again. */
export interface DocumentReceipt<T> extends Receipt, DocumentSnapshot<T> {}

/** Bounds of one change. */
export interface ChangeOptions extends WaitOptions {
  /** Change the document only if it is at this revision; `absentRevision` for one that must not exist yet. */
  readonly expectedRevision?: string | undefined;
  /** Order among the changes of this process that wait: higher goes first. Default 0. */
  readonly priority?: number | undefined;
}

/** Changes a draft of the document in place, or returns a value that replaces all of it. */
export type Recipe<T> = (draft: T) => T | void | Promise<T | void>;

/** Opens a JSON document with a schema; its type is what the schema accepts. See the other signature. */
export function jsonDocument<S extends StandardSchemaV1>(
  path: string,
  options: DocumentOptions<StandardSchemaV1.InferInput<S>> & { readonly schema: S },
): JsonDocument<StandardSchemaV1.InferInput<S>>;
/**
 * Opens a JSON document that many processes share. Nothing is read or created until it is asked for.
 *
 * All documents of one file in a process share one queue: changes that come while the file is being written are applied
 * together and made durable by one write. What a change does not touch keeps its bytes.
 *
 * @param path - The file; it may be missing, its directory must exist when it is written. A symbolic link is followed.
 * @example
 * const tasks = jsonDocument("tasks.json", { schema: z.object({ tasks: z.array(Task) }), defaults: () => ({ tasks: [] }) });
 * await tasks.update((draft) => { draft.tasks.push({ id: "7", title: "Write it down" }); });
 */
export function jsonDocument<T = unknown>(path: string, options?: DocumentOptions<T>): JsonDocument<T>;
export function jsonDocument<T>(path: string, options: DocumentOptions<T> = {}): JsonDocument<T> {
  return new JsonDocument<T>(path, options);
}

/** A JSON file that many processes read and change. Made by {@link jsonDocument}. Stateless but for caches: keep or drop it. */
export class JsonDocument<T> {
  /** The file, as an absolute path. */
  readonly path: string;
  readonly #options: DocumentOptions<T>;
  readonly #resolved: ResolvedDocumentOptions;
  #engine: DocumentEngine | undefined;
  /** The last content that was found to keep our rules. */
  #checked: DocumentState | undefined;

  constructor(path: string, options: DocumentOptions<T>) {
    this.path = resolve(checkPath("path", path));
    this.#resolved = resolveDocumentOptions(options);
    this.#options = { ...options };
  }

  /**
   * The document now, without a lock: the old content or the new, never a mix, where writers replace the file as this
   * library does. While the file does not change, this costs one stat.
   *
   * @throws {ReadFailedError} `ERR_READ_FAILED`: no file and no defaults, or the system refuses.
   * @throws {DocumentCorruptError} `ERR_DOCUMENT_CORRUPT`: not JSON, or empty. The bytes were left as they are.
   * @throws {DocumentInvalidError} `ERR_DOCUMENT_INVALID`: the schema refuses it.
   * @throws {TooLargeError} `ERR_TOO_LARGE`: larger than `maxBytes` or deeper than `maxDepth`.
   * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: not a regular file.
   */
  async read(): Promise<DeepReadonly<T>> {
    const cached = this.#cached();
    return cached === undefined ? (await this.readWithRevision()).value : cached;
  }

  /** As {@link JsonDocument.read}, blocking. A schema that works asynchronously is a `TypeError`. */
  readSync(): DeepReadonly<T> {
    const cached = this.#cached();
    return cached === undefined ? this.readWithRevisionSync().value : cached;
  }

  /** As {@link JsonDocument.read}, with the revision to give as `expectedRevision` later. */
  async readWithRevision(): Promise<DocumentSnapshot<T>> {
    const state = this.#isMissing() ? absentState : await this.#currentEngine().read(this.#resolved.rules);
    return runAsync(this.#check(state));
  }

  /** As {@link JsonDocument.readWithRevision}, blocking. */
  readWithRevisionSync(): DocumentSnapshot<T> {
    const state = this.#isMissing() ? absentState : this.#currentEngine().readSync(this.#resolved.rules);
    return runSync(this.#check(state));
  }

  /** Reads under the shared lock: for files that neighbours rewrite in place, under the same lock. Throws as `read`. */
  async readLocked(options: WaitOptions = {}): Promise<DeepReadonly<T>> {
    return (await this.readLockedWithRevision(options)).value;
  }

  /** As {@link JsonDocument.readLocked}, with the revision to give as `expectedRevision` later. */
  async readLockedWithRevision(options: WaitOptions = {}): Promise<DocumentSnapshot<T>> {
    const state = await this.#currentEngine().readLocked(this.#resolved.rules, this.#wait(options));
    return await runAsync(this.#check(state));
  }

  /**
   * Changes the document: reads it under the exclusive lock, runs the recipe on a draft, checks the result, and replaces
   * the file. A recipe that throws changes nothing. A draft left as it was writes nothing.
   *
   * Other changes to the same file wait while a recipe runs: keep slow work out of it.
   *
   * @returns The document right after this change, once it is as durable as was asked for.
   * @throws Whatever the recipe throws; and, in each case with nothing written:
   * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`; {@link LockReentryError} `ERR_LOCK_REENTRY` within a recipe of the same file.
   * @throws {RevisionConflictError} `ERR_REVISION_CONFLICT`: not at `expectedRevision`.
   * @throws {DocumentInvalidError} `ERR_DOCUMENT_INVALID`: the schema, or JSON, refuses the value.
   * @throws {DocumentCorruptError | ReadFailedError | TooLargeError | UnsafePathError} as `read`.
   * @throws {WriteFailedError} `ERR_WRITE_FAILED`: the system refused; the old content stands.
   * @throws {LeaseLostError} `ERR_LEASE_LOST`: only with `backend: "proper-lockfile"`.
   * @throws {CommitUncertainError} `ERR_COMMIT_UNCERTAIN`: written and visible, but whether it survives a power loss is unknown.
   */
  async update(recipe: Recipe<T>, options: ChangeOptions = {}): Promise<DocumentReceipt<T>> {
    checkFunction("recipe", recipe);
    const receipt = await this.#currentEngine().submit(this.#job(recipe, options), this.#wait(options));
    return receipt as DocumentReceipt<T>;
  }

  /**
   * As {@link JsonDocument.update}, blocking this thread until it is done. The recipe must be synchronous.
   * @throws {LockReentryError} `ERR_LOCK_REENTRY`: this very thread holds the lock asynchronously. Nothing was written.
   */
  updateSync(
    recipe: (draft: T) => T | void,
    options: Omit<ChangeOptions, "signal"> = {},
  ): DocumentReceipt<T> {
    checkFunction("recipe", recipe);
    const receipt = this.#currentEngine().submitSync(this.#job(recipe, options), this.#wait(options));
    return receipt as DocumentReceipt<T>;
  }

  /** Replaces the whole value, or creates the file. Parts equal to what is there keep their bytes. Throws as `update`. */
  async write(value: T | DeepReadonly<T>, options: ChangeOptions = {}): Promise<DocumentReceipt<T>> {
    const job = this.#job(undefined, options, value);
    return (await this.#currentEngine().submit(job, this.#wait(options))) as DocumentReceipt<T>;
  }

  /** As {@link JsonDocument.write}, blocking. */
  writeSync(value: T | DeepReadonly<T>, options: Omit<ChangeOptions, "signal"> = {}): DocumentReceipt<T> {
    const job = this.#job(undefined, options, value);
    return this.#currentEngine().submitSync(job, this.#wait(options)) as DocumentReceipt<T>;
  }

  /**
   * The document now, then each time it has changed, whoever changed it. A slow consumer misses states in between, never
   * the last one. Ends when the signal aborts or the loop is left; until then it keeps the process alive.
   *
   * A file that is missing, without defaults, is waited for. One that stays damaged ends the watch with the error.
   */
  watch(options: WatchOptions = {}): AsyncIterableIterator<DocumentSnapshot<T>> {
    checkWatchOptions(options);
    return watchDocument(this.path, () => this.readWithRevision(), options);
  }

  /** The cached value, if nothing can have changed and it keeps our rules. */
  #cached(): DeepReadonly<T> | undefined {
    const checked = this.#checked;
    if (checked === undefined) return undefined;
    const stats = statOf(this.path);
    if (stats === undefined || this.#engine?.cache.peek(stats) !== checked) return undefined;
    return checked.source?.value as DeepReadonly<T> | undefined;
  }

  /** A file whose very directory is missing has no lock to look up. */
  #isMissing(): boolean {
    return statOf(this.path) === undefined;
  }

  #currentEngine(): DocumentEngine {
    return (this.#engine = engineFor(this.path, this.#options, this.#resolved.integers));
  }

  *#check(state: DocumentState): Steps<DocumentSnapshot<T>> {
    const { rules } = this.#resolved;
    checkLimits(this.path, state, rules);
    let value = state.source?.value;
    if (state.source === undefined) {
      const usable = state.bytes === undefined || rules.allowEmpty;
      if (!usable || rules.defaults === undefined) throw noContentError(this.path, state);
      const context = { path: this.path, maxDepth: rules.maxDepth, source: undefined, partners: new Map() };
      value = settleValue(context, rules.defaults(), undefined).value;
    }
    yield* checkSchema(this.path, rules.schema, value);
    if (state.source !== undefined) this.#checked = state;
    return {
      value: value as DeepReadonly<T>,
      get revision() {
        return state.revision;
      },
    };
  }

  #job(recipe: Recipe<T> | undefined, options: ChangeOptions, replacement?: unknown): DocumentJob {
    checkOptions(options);
    const { expectedRevision } = options;
    checkExpectedRevision(expectedRevision);
    return {
      recipe: recipe as DocumentJob["recipe"],
      replacement,
      expectedRevision,
      rules: this.#resolved.rules,
    };
  }

  /** The bounds of one call: its own before those of the document. */
  #wait(options: JobWait): JobWait {
    checkOptions(options);
    const { timeoutMs, signal, priority } = { ...pickWait(this.#options), ...pickWait(options) };
    const wait: LockOptions = { timeoutMs, signal, priority };
    resolveLockOptions(wait);
    return wait;
  }
}

function pickWait(options: JobWait): JobWait {
  const given = { timeoutMs: options.timeoutMs, signal: options.signal, priority: options.priority };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
