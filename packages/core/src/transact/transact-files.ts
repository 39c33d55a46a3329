import { dirname } from "node:path";
import { commitReplacement, type CommitLock } from "../atomic/commit-replacement.ts";
import { syncDirectory } from "../atomic/sync-directory.ts";
import { plainResult } from "../document/text/draft.ts";
import { CommitUncertainError, StoreError, WriteFailedError } from "../errors.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import type { FileLock } from "../lock/file-lock.ts";
import { lockAll } from "../lock/lock-all.ts";
import { resolveLayout, type LockOptions } from "../lock/lock-options.ts";
import { osCodeOf } from "../os-error.ts";
import type { Durability } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { commitTogether } from "./commit-together.ts";
import type { FileChange, LogChange } from "./file-change.ts";
import { outermost } from "./nesting.ts";
import type { Participant } from "./participant.ts";

/** How a commit of several files is made. */
export interface TransactRules {
  /** Everything about the locks but where each lies. */
  readonly lock: Omit<LockOptions, "layout">;
  /** Default: `"disk"`, unless all that is changed is written with `"os"`. */
  readonly durability: Durability | undefined;
  /** Runs under the locks, before anything is read; what it throws ends the call. */
  readonly admit?: (() => Promise<void>) | undefined;
  /** Called right before the commit; what it throws ends the call, with nothing changed. */
  readonly assertHeld?: (() => void) | undefined;
}

/** What became of it. */
export interface Transacted<R> {
  readonly value: R;
  readonly changed: boolean;
  readonly durability: Durability;
  /** One for each participant, in their order. */
  readonly receipts: readonly unknown[];
}

/**
 * Locks all files in one canonical order, lets the work change their drafts, and commits what came of it: through an intent
 * record where one rename or one append would not do.
 *
 * @throws {LockReentryError} inside the work of another `transact`: it would be a commit of its own, under locks taken out of order.
 */
export async function transactFiles<R>(
  participants: readonly Participant[],
  work: (drafts: readonly unknown[]) => R | Promise<R>,
  rules: TransactRules,
): Promise<Transacted<R>> {
  const items = participants.map(({ path, layout }) => ({ path, layout }));
  try {
    return await outermost(items[0]?.path ?? "", (inside) =>
      lockAll(
        items,
        async (locks) => {
          refuseTwice(locks);
          for (const lock of locks) finishIntent(lock);
          await rules.admit?.();
          return await commitWork(participants, locks, (drafts) => inside(() => work(drafts)), rules);
        },
        rules.lock,
      ),
    );
  } finally {
    for (const participant of participants) participant.close();
  }
}

async function commitWork<R>(
  participants: readonly Participant[],
  locks: readonly FileLock[],
  work: (drafts: readonly unknown[]) => R | Promise<R>,
  rules: TransactRules,
): Promise<Transacted<R>> {
  try {
    const drafts: unknown[] = [];
    for (const [at, participant] of participants.entries())
      drafts.push(await participant.open(locks[at] as FileLock));
    const value = plainResult(await work(drafts));
    for (const participant of participants) participant.seal();
    const changes: FileChange[] = [];
    let durability: Durability = "os";
    for (const participant of participants) {
      const change = await participant.settle(resolveLayout(participant.layout).name);
      if (change === undefined) continue;
      changes.push(change);
      if (participant.durability === "disk") durability = "disk";
    }
    durability = rules.durability ?? durability;
    // The work may have taken long: what was admitted before it may be stale by now.
    if (changes.length > 0) await rules.admit?.();
    await commit(changes, durability, () => {
      rules.assertHeld?.();
      refuseChanged(participants, changes);
    });
    const receipts = participants.map((participant) => participant.receipt(durability));
    return { value, changed: changes.length > 0, durability, receipts };
  } catch (error) {
    for (const participant of participants) participant.fail();
    throw error;
  }
}

/** @throws {RevisionConflictError | WriteFailedError} a member is not what the work saw, or that cannot be told. */
function refuseChanged(participants: readonly Participant[], [first]: readonly FileChange[]): void {
  try {
    for (const participant of participants) participant.refuseChangedSince();
  } catch (cause) {
    if (cause instanceof StoreError || osCodeOf(cause) === undefined) throw cause;
    throw new WriteFailedError(first?.lock.targetPath ?? "", "commit a transact on", cause);
  }
}

/** One rename, and one write of one line, are atomic by themselves. */
async function commit(
  changes: readonly FileChange[],
  durability: Durability,
  assertHeld: () => void,
): Promise<void> {
  const [sole] = changes;
  if (sole === undefined) return;
  if (changes.length === 1 && sole.kind === "document") {
    const { lock, bytes, mode } = sole;
    await commitReplacement(under(lock, assertHeld), bytes, { durability, mode });
  } else if (changes.length === 1 && sole.kind === "log" && sole.lines === 1) {
    await appendLine(sole, durability, assertHeld);
  } else await commitTogether(changes, durability, assertHeld);
}

async function appendLine(
  { lock, file, bytes, offset }: LogChange,
  durability: Durability,
  assertHeld: () => void,
): Promise<void> {
  lock.assertHeld();
  assertHeld();
  try {
    const written = files.writeSync(file.fd, bytes, 0, bytes.length, null);
    if (written !== bytes.length) throw new Error(`the system accepted ${written} of ${bytes.length} bytes`);
  } catch (cause) {
    throw file.takeBack(offset, cause);
  }
  if (durability === "os") return;
  try {
    await files.fdatasync(file.fd);
    if (offset === 0) await syncDirectory(dirname(lock.targetPath));
  } catch (cause) {
    throw new CommitUncertainError(lock.targetPath, cause);
  }
}

function under(lock: FileLock, assertHeld: () => void): CommitLock {
  return {
    targetPath: lock.targetPath,
    assertHeld: () => {
      lock.assertHeld();
      assertHeld();
    },
  };
}

function refuseTwice(locks: readonly FileLock[]): void {
  const paths = locks.map(({ targetPath }) => targetPath);
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  if (twice !== undefined) throw new TypeError(`${twice} is in the transact twice: name each member once`);
}
