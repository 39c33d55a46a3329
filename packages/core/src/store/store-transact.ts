import type { DocumentReceipt } from "../document/json-document.ts";
import type { Fence } from "../lease/fence.ts";
import type { Durability, WaitOptions } from "../options.ts";
import type { DocumentDraft, StoreDocument } from "./store-document.ts";
import type { LogReceipt, StoreLog, WholeLogDraft } from "./store-log.ts";
import type { StoreMembers } from "./store-member.ts";

/** What the work of a `transact` gets: a draft for each member. */
export type Drafts<M extends StoreMembers> = {
  readonly [K in keyof M]: M[K] extends StoreDocument<infer T>
    ? DocumentDraft<T>
    : M[K] extends StoreLog<infer T>
      ? WholeLogDraft<T>
      : never;
};

/** What became of each member. */
export type MemberReceipts<M extends StoreMembers> = {
  readonly [K in keyof M]: M[K] extends StoreDocument<infer T>
    ? DocumentReceipt<T>
    : M[K] extends StoreLog<infer _>
      ? LogReceipt
      : never;
};

/** What a `transact` resolves to. */
export interface TransactReceipt<M extends StoreMembers, R> {
  /** What the work returned. */
  readonly value: R;
  /** Whether anything was changed. */
  readonly changed: boolean;
  readonly durability: Durability;
  readonly members: MemberReceipts<M>;
}

/** Bounds and conditions of one `transact`. */
export interface TransactOptions extends WaitOptions {
  /** The lease under which all of it is done: a stale one is refused, atomically with the commit. */
  readonly fence?: Fence | undefined;
  readonly priority?: number | undefined;
  /** Default `"disk"`, unless every member that is changed says `"os"`. */
  readonly durability?: Durability | undefined;
}

/**
 * Changes members in one commit.
 *
 * Readers under lock see all of it or nothing; readers without a lock see each member change in one step. What a crash
 * interrupts is finished, or undone, by whoever next takes the lock of a member through this library.
 *
 * @param members - At least one; each member once. They must be of this store.
 * @param work - Changes the drafts. What it returns is in the receipt; what it throws changes nothing.
 * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`; {@link LockReentryError} `ERR_LOCK_REENTRY` inside another `transact`, or
 * inside a change of a member; {@link LockOrderError} `ERR_LOCK_ORDER`. Nothing was written.
 * @throws {DocumentInvalidError | RecordInvalidError | TooLargeError | RevisionConflictError | WriteFailedError} nothing was written.
 * @throws {CommitUncertainError} `ERR_COMMIT_UNCERTAIN`: committed, but not finished or not known to be durable; the next
 * taker of a lock finishes it.
 * @example
 * const { value } = await store.transact({ tasks, log }, (tx) => {
 *   tx.tasks.draft.tasks.push(task);
 *   tx.log.append({ type: "created", id: task.id });
 *   return task.id;
 * });
 */
export type Transact = <const M extends StoreMembers, R>(
  members: M,
  work: (drafts: Drafts<M>) => R | Promise<R>,
  options?: TransactOptions,
) => Promise<TransactReceipt<M, R>>;
