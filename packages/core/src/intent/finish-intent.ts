import { dirname, join } from "node:path";
import { UnsafePathError, WriteFailedError } from "../errors.ts";
import { tryAcquireLockSync } from "../lock/acquire-lock.ts";
import type { FileLock } from "../lock/file-lock.ts";
import { runOutside } from "../lock/held-locks.ts";
import type { LockLayout } from "../lock/lock-layout.ts";
import { resolveLayout } from "../lock/lock-options.ts";
import { releaseOrWarn } from "../lock/with-lock.ts";
import { files } from "../platform/file-system.ts";
import { quietly } from "../platform/forgiving.ts";
import { sweepStagedOf } from "../atomic/sweep-staged.ts";
import { syncDirectorySync } from "../atomic/sync-directory.ts";
import { refuseForeignClaim } from "./foreign-claim.ts";
import { finishDocument } from "./finish-document.ts";
import { finishLog } from "./finish-log.ts";
import { isMarked, markPathOf, readMark, removeMark } from "./intent-mark.ts";
import { removeFinished } from "./remove-record.ts";
import { readIntent, type IntentMember, type IntentRecord, type ReadIntent } from "./intent-record.ts";
import { setStagedAside } from "./set-aside.ts";

/** What finishing needs of a lock: `FileLock` has it. */
export type FinishingLock = Pick<FileLock, "targetPath" | "lockPaths" | "assertHeld">;

/**
 * Finishes what a crash interrupted: called by whoever has just got the exclusive lock of a file, before anything else is
 * done with the file. Costs one look where nothing was interrupted.
 *
 * The file under the lock is brought to what the commit made of it, and so are other files that have the same lock. The rest
 * of the commit's files each need their own lock: it is tried once, never waited for, so two of us who come by different files
 * cannot wait for each other. Where it is taken, its holder, or whoever takes it next, does the same there.
 *
 * @throws {WriteFailedError} `ERR_WRITE_FAILED`: it cannot be finished now, or not under this lock. Nothing may be read or
 * written under this lock as if it were; the next holder tries again.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: somebody who may not change the file says that it was. The same holds.
 */
export function finishIntent(lock: FinishingLock): void {
  try {
    if (!isMarked(lock.targetPath)) return;
    const recordPath = readOwnMark(lock.targetPath);
    if (recordPath !== undefined) finish(lock, recordPath);
  } catch (cause) {
    if (cause instanceof WriteFailedError || cause instanceof UnsafePathError) throw cause;
    throw new WriteFailedError(lock.targetPath, "finish an interrupted transact on", cause);
  }
}

/**
 * {@link finishIntent} for another file, if the lock that is held is its lock as well: whoever took it looked at one file
 * only. Costs one look where nothing was interrupted.
 */
export function finishBeside(held: FinishingLock, targetPath: string, layout: LockLayout): void {
  if (targetPath === held.targetPath) return;
  try {
    if (!isMarked(targetPath)) return;
  } catch (cause) {
    throw new WriteFailedError(targetPath, "finish an interrupted transact on", cause);
  }
  const { legs } = layout.locate(targetPath);
  if (!legs.every(({ path }) => held.lockPaths.includes(path))) return;
  finishIntent({ targetPath, lockPaths: held.lockPaths, assertHeld: () => held.assertHeld() });
}

/** {@link readMark}, where it is of somebody who may change the file. */
function readOwnMark(targetPath: string): string | undefined {
  const mark = markPathOf(targetPath);
  refuseForeignClaim(targetPath, mark, files.lstatSync(mark)?.uid);
  return readMark(targetPath);
}

function finish(lock: FinishingLock, recordPath: string): void {
  const record = readIntent(recordPath);
  if (record === undefined) return discard(lock.targetPath);
  if (record === "damaged") {
    setStagedAside(lock.targetPath, `the record of an interrupted transact, ${recordPath}, is damaged`);
    return removeMark(lock.targetPath);
  }
  if (record.durability === "disk") syncBegun(record, recordPath);
  finishMember(lock, record, recordPath);
  for (const member of record.members)
    if (member.targetPath !== lock.targetPath) visit(member, record, recordPath, lock);
  removeFinished(record, recordPath);
}

/** Nothing is applied before the record and the links to it are durable: who made them may have died before they were. */
function syncBegun({ members }: IntentRecord, recordPath: string): void {
  const besideRecord = dirname(recordPath);
  syncDirectorySync(besideRecord);
  const elsewhere = new Set(members.map(({ targetPath }) => dirname(targetPath)));
  elsewhere.delete(besideRecord);
  for (const directory of elsewhere) quietly(() => syncDirectorySync(directory)); // it may be gone
}

/** The commit was given up before it was one. */
function discard(targetPath: string): void {
  sweepStagedOf(targetPath);
  removeMark(targetPath);
}

function finishMember(lock: FinishingLock, record: ReadIntent, recordPath: string): void {
  refuseForeignClaim(lock.targetPath, recordPath, record.owner);
  const member = record.members.find(({ targetPath }) => targetPath === lock.targetPath);
  if (member === undefined) return discard(lock.targetPath);
  // Only who has a lock of the commit's knows that it is not going on.
  if (!member.lockPaths.some((path) => lock.lockPaths.includes(path))) {
    const [locks, held] = [member.lockPaths.join(", "), lock.lockPaths.join(", ")];
    throw new Error(`its lock is ${locks}, not ${held}: use the layout of its writers`);
  }
  lock.assertHeld();
  const staged = join(dirname(member.targetPath), member.stagedName);
  const found = files.lstatSync(staged);
  if (found !== undefined) {
    refuseForeignClaim(lock.targetPath, staged, found.uid);
    if (member.change.kind === "document") finishDocument(member, member.change, staged, record.durability);
    else finishLog(member, member.change, staged, record.durability);
  } else if (record.durability === "disk") syncDirectorySync(dirname(member.targetPath)); // whoever applied it may have died before
  removeMark(lock.targetPath);
}

/** Another file of the commit, if its lock is ours or free. What fails there is the business of its own next holder. */
function visit(member: IntentMember, record: ReadIntent, recordPath: string, held: FinishingLock): void {
  try {
    const { targetPath, lockPaths } = member;
    if (readOwnMark(targetPath) !== recordPath) return;
    if (lockPaths.every((path) => held.lockPaths.includes(path)))
      return finishMember({ targetPath, lockPaths, assertHeld: () => held.assertHeld() }, record, recordPath);
    const layout = layoutOf(member);
    if (layout === undefined) return;
    const { backend } = member;
    const lock = runOutside(() => tryAcquireLockSync(member.targetPath, "exclusive", { layout, backend }));
    if (lock === undefined) return;
    try {
      if (lock.targetPath === member.targetPath && readOwnMark(member.targetPath) === recordPath)
        finishMember(lock, record, recordPath);
    } finally {
      releaseOrWarn(lock);
    }
  } catch {
    // Its link stays, and with it the record.
  }
}

/** The layout a record names, if it is one of the known ones and still leads to the same lock; a record cannot say where to lock. */
function layoutOf({ layout, targetPath, lockPaths }: IntentMember): LockLayout | undefined {
  try {
    const known = resolveLayout(layout as "sidecar");
    return known.locate(targetPath).legs[0].path === lockPaths[0] ? known : undefined;
  } catch {
    return undefined;
  }
}
