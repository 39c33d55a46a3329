import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DocumentSpec, StoreDocument } from "./store-document.ts";
import type { LogSpec, StoreLog } from "./store-log.ts";
import type { StoreLock, StoreLockSpec } from "./store-lock.ts";
import type { Transact } from "./store-transact.ts";

/**
 * What domain packages are written against: documents, logs and locks by name, and changes of several of them in one commit.
 *
 * No call of a store takes or gives a path: names are relative, slash-separated and the same for every engine
 * (`"queues/tasks.jsonl"`; the rules are at `checkStoreName`). Everything is asynchronous. Handles hold nothing open:
 * make them freely, keep them or drop them.
 *
 * One name means one thing: asking for it as a document and as a log, or with two layouts, is a `TypeError`. Handles of one
 * name share their queue, cache and writes; each holds what it reads and writes to its own schema and limits.
 */
export interface Store extends AsyncDisposable {
  readonly capabilities: StoreCapabilities;

  /** A JSON document with a schema; its type is what the schema accepts. See the other signature. */
  document<S extends StandardSchemaV1>(
    spec: DocumentSpec<StandardSchemaV1.InferInput<S>> & { readonly schema: S },
  ): StoreDocument<StandardSchemaV1.InferInput<S>>;
  /**
   * A JSON document. Nothing is read or created until it is asked for; missing directories are made by its first write.
   *
   * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: not a name a store may use. {@link ClosedError} `ERR_CLOSED`.
   * @throws {UnsupportedError} `ERR_UNSUPPORTED`: the spec asks for what this store does not declare; a layout is ignored instead.
   * @throws {TypeError | RangeError} naming what is wrong with the spec.
   */
  document<T>(spec: DocumentSpec<T>): StoreDocument<T>;

  /** A log of JSON records with a schema; its type is what the schema accepts. See the other signature. */
  log<S extends StandardSchemaV1>(
    spec: LogSpec<StandardSchemaV1.InferInput<S>> & { readonly schema: S },
  ): StoreLog<StandardSchemaV1.InferInput<S>>;
  /** A log of JSON records, one a line where it is a file. Throws as `document`. */
  log<T>(spec: LogSpec<T>): StoreLog<T>;

  /** A lock by name, for work on what is no document and no log. Throws as `document`. */
  lock(name: string, spec?: StoreLockSpec): StoreLock;

  /**
   * Changes several documents and logs of this store in one commit: all of it happens, or nothing, whatever dies meanwhile.
   * Holds the exclusive locks of all members, taken in one canonical order, while `work` runs.
   */
  readonly transact: Transact;

  /**
   * The names directly below a directory of the store (`""`: the store itself), sorted, files only: what locks, staged
   * content and quarantine of this library are called is left out. None where there is no such directory.
   */
  list(directory: string): Promise<readonly string[]>;

  /**
   * Ends the store: work that is going on is finished, watches and followers end, later calls throw `ERR_CLOSED`. Idempotent.
   * Handles of other stores on the same data are not concerned.
   */
  close(): Promise<void>;
}

/**
 * What a store promises beyond the common promises. What it does not declare throws `ERR_UNSUPPORTED`; nothing is weakened. Only
 * what is about files alone, layouts and permission bits, is ignored by a store without any: it has no neighbours to exclude.
 */
export interface StoreCapabilities {
  /** How exclusive holds end: `session`, with the death of the holder and by nothing else; `lease`, also by time. */
  readonly lockKind: "session" | "lease";
  /** Whether several readers may hold a lock at once. */
  readonly sharedLocks: boolean;
  /**
   * In which order waiters are served: `priority` honours `priority`, with ageing, between callers of one process, and the
   * order of arrival between processes.
   */
  readonly fairness: "none" | "fifo" | "priority";
  /** The levels of durability a write may ask for. */
  readonly durability: readonly ("disk" | "os")[];
  /** Where the data lives, and so who can share it. */
  readonly medium: "memory" | "files" | "server";
  /** What one commit may span. */
  readonly transactScope: "none" | "store";
  /**
   * Whose clock ends leases: `local`, that of each holder's machine, so that holders on several machines need clocks that
   * agree; `server`, the store's own.
   */
  readonly leaseClock: "local" | "server";
  /** Among which leases fencing tokens grow: those of one record, or all of the store. */
  readonly tokenScope: "lease" | "store";
  /** The largest document, in bytes. */
  readonly maxDocumentBytes: number;
  /** Whether documents can be watched and logs followed. */
  readonly watch: boolean;
  /** Whether three-way merges of documents are made (`merge` of a document's spec). */
  readonly merge: boolean;
  /** Whether the lock layout of a spec means something: neighbours that lock files by other rules exist. Else it is ignored. */
  readonly layouts: boolean;
}
