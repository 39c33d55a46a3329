import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DeepReadonly } from "../document/deep-readonly.ts";
import type { DocumentReceipt, DocumentSnapshot, Recipe } from "../document/json-document.ts";
import type { IntegerMode } from "../document/text/json-source.ts";
import type { WatchOptions } from "../document/watch-document.ts";
import type { Fence } from "../lease/fence.ts";
import type { LayoutName, LockLayout } from "../lock/lock-layout.ts";
import type { Durability, WaitOptions } from "../options.ts";
import type { MemberSpec, StoreMember } from "./store-member.ts";

/** What a document is: the same for every program that uses it, whichever store it lies in. */
export interface DocumentSpec<T> extends MemberSpec {
  /** Checks what is read, what a recipe leaves behind and what is written. It checks; it does not change what is stored. */
  readonly schema?: StandardSchemaV1<T, unknown> | undefined;
  /** The value of a document that is missing. Never used for one that is damaged. Default: reading throws. */
  readonly defaults?: (() => T) | undefined;
  /** Where neighbours look for its lock. Default `"sidecar"`. Stores without files ignore it. */
  readonly layout?: LockLayout | LayoutName | undefined;
  /** Largest document, read or written, in bytes. Default 268 435 456. */
  readonly maxBytes?: number | undefined;
  /** Deepest nesting. Default 512, at most 2 000. */
  readonly maxDepth?: number | undefined;
  /** How integers past 2^53 are read. Default `"number"`. */
  readonly integers?: IntegerMode | undefined;
  /** Default `"disk"`: a change resolves once it survives a power loss. */
  readonly durability?: Durability | undefined;
  /** Treat an empty document as a missing one. Default false: it is damaged, and an error. */
  readonly allowEmpty?: boolean | undefined;
  /** Whether a new document ends in a line feed. Default true. One that is there ends as it did. */
  readonly finalNewline?: boolean | undefined;
  /** Permission bits of the file, 0 to 0o777. Default: those it has. Stores without files ignore it. */
  readonly mode?: number | undefined;
  /**
   * What `write` does when somebody changed the document since this handle last read or wrote it. `"refuse"` (default): throws
   * `ERR_REVISION_CONFLICT`. `"fields"`: merges both changes field by field, elements of arrays by their `id`; refuses only
   * where both changed one field. `"overwrite"`: the last writer wins.
   */
  readonly merge?: MergeRule | undefined;
}

export type MergeRule = "refuse" | "fields" | "overwrite";

/** Bounds and conditions of one change of a document. */
export interface StoreChangeOptions extends WaitOptions {
  /** Change it only at this revision; `absentRevision` for one that must not exist yet. Else `ERR_REVISION_CONFLICT`. */
  readonly expectedRevision?: string | undefined;
  /** The lease under which the change is made: a stale one is refused, atomically with the write. */
  readonly fence?: Fence | undefined;
  /** Order among the changes of this process that wait: higher goes first. Default 0. */
  readonly priority?: number | undefined;
}

/** How a document of a store is watched. */
export interface StoreWatchOptions extends WatchOptions {
  /** A revision that is known already: nothing is yielded until the document is at another one. */
  readonly from?: string | undefined;
}

/**
 * A JSON value by name that many programs read and change.
 *
 * A change that throws has changed nothing, unless it is a `CommitUncertainError`, which says that its outcome is unknown.
 */
export interface StoreDocument<T> extends StoreMember {
  readonly kind: "document";

  /**
   * The value now, frozen. Takes no lock and never sees a half-written one.
   * @throws {ReadFailedError | DocumentCorruptError | DocumentInvalidError | TooLargeError | UnsafePathError} as `JsonDocument.read`.
   */
  read(): Promise<DeepReadonly<T>>;
  /** As `read`, with the revision to give as `expectedRevision` later. */
  readWithRevision(): Promise<DocumentSnapshot<T>>;
  /** Reads under the shared lock, after finishing what a crashed `transact` left. Throws as `read`. */
  readLocked(options?: WaitOptions): Promise<DeepReadonly<T>>;
  /** Changes a draft under the exclusive lock. Concurrent changes of this process share one write. Throws as `JsonDocument.update`. */
  update(recipe: Recipe<T>, options?: StoreChangeOptions): Promise<DocumentReceipt<T>>;
  /**
   * Replaces the whole value. What somebody wrote since this handle read is not overwritten: see `merge` of the spec.
   * @throws {RevisionConflictError} `ERR_REVISION_CONFLICT`, with both versions where they are known. Else as `update`.
   */
  write(value: T | DeepReadonly<T>, options?: StoreChangeOptions): Promise<DocumentReceipt<T>>;
  /** The document now, then each time it has changed, whoever changed it; states in between may be missed, never the last. */
  watch(options?: StoreWatchOptions): AsyncIterableIterator<DocumentSnapshot<T>>;
  /**
   * Removes it under the exclusive lock. False when it was not there.
   * @throws {RevisionConflictError} not at `expectedRevision`; {@link UnsafePathError} no regular file is there;
   * {@link WriteFailedError} the system refused. It is still there.
   */
  remove(options?: StoreChangeOptions): Promise<boolean>;
}

/** A document inside a `transact`. Valid until the work ends. */
export interface DocumentDraft<T> {
  /** The value before the work, frozen. The spec's defaults where the document is missing; without them it throws. */
  readonly value: DeepReadonly<T>;
  /** Its revision before the work; `absentRevision` where it is missing. */
  readonly revision: string;
  /** A view to change in place. Throws as `value`. */
  readonly draft: T;
  /** Replaces the whole value. What was done to `draft` before is dropped; using it later is a `TypeError`. */
  replace(value: T | DeepReadonly<T>): void;
}
