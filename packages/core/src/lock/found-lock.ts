/** What stands where a lock consists in being there: looked at, never changed. */
import { join } from "node:path";
import { files } from "../platform/file-system.ts";
import { isDead, leadingNumber, parseRecord, type ParsedRecord } from "./existence-record.ts";
import { LockBackendMismatchError } from "./lock-errors.ts";
import { holderOf, type LockHolder } from "./lock-holder.ts";
import type { DirectoryLegPlan, JsonFileLegPlan } from "./lock-layout.ts";
import { readSmallFile } from "./small-file.ts";

/** Our own record inside a lock directory, beside the `pid` that neighbours read. */
export const ownRecordName = "flockwork";

type ExistencePlan = JsonFileLegPlan | DirectoryLegPlan;

/** A lock that was found. */
export interface FoundLock {
  readonly record: ParsedRecord | undefined;
  /** What neighbours read. */
  readonly pidText: string | undefined;
  /** One of us made it. */
  readonly isOurs: boolean;
  /** A directory with nothing in it. */
  readonly isEmpty: boolean;
  /** Wall-clock milliseconds. */
  readonly modifiedAtMs: number;
  /** Another one has another. */
  readonly identity: string;
}

/** The holder a found lock names, for messages. */
export function describeHolder(plan: ExistencePlan): string | undefined {
  try {
    const pid = pidOf(findLock(plan, plan.path));
    return pid === undefined ? undefined : `process ${pid}, through ${plan.path}`;
  } catch {
    return undefined;
  }
}

/**
 * Undefined where nothing stands. Throws the system's error where that cannot be told.
 * @throws {LockBackendMismatchError} a lock of another protocol has the name.
 */
export function findLock(plan: ExistencePlan, path: string): FoundLock | undefined {
  const stats = files.lstatSync(path);
  if (stats === undefined) return undefined;
  if (stats.isDirectory() !== (plan.kind === "directory")) {
    const [expected, found] = ["a JSON lock file", "a lock directory"];
    throw plan.kind === "directory"
      ? new LockBackendMismatchError(path, found, "a file, the lock of another protocol")
      : new LockBackendMismatchError(path, expected, found);
  }
  const text = readSmallFile(plan.kind === "directory" ? join(path, "pid") : path);
  const ours = plan.kind === "directory" ? readSmallFile(join(path, ownRecordName)) : undefined;
  const record = parseRecord(ours ?? text);
  return {
    record,
    pidText: text,
    isOurs: ours !== undefined || record?.bootId !== undefined,
    isEmpty: plan.kind === "directory" && isEmptyDirectory(path),
    modifiedAtMs: Number(stats.mtimeMs),
    identity: `${stats.dev}:${stats.ino}:${stats.birthtimeNs}:${record?.lockId ?? text ?? ""}`,
  };
}

/** False where it is gone meanwhile. */
function isEmptyDirectory(path: string): boolean {
  try {
    return files.readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

function pidOf(found: FoundLock | undefined): number | undefined {
  return found?.record?.pid ?? leadingNumber(found?.pidText);
}

/** Who holds a lock that consists in being there, and since when. */
export interface StandingLock {
  /** The process its record names, if it runs here. */
  readonly holder: LockHolder | undefined;
  /** By the wall clock. */
  readonly heldForMs: number;
}

/** Undefined where nobody holds it, what a dead holder left included. Throws as {@link findLock}. */
export function standingLock(plan: ExistencePlan): StandingLock | undefined {
  const found = findLock(plan, plan.path);
  if (found === undefined || isDead(found, plan.staleMs)) return undefined;
  const pid = pidOf(found);
  const since = found.record?.timestamp ?? found.modifiedAtMs;
  return {
    holder: pid === undefined ? undefined : holderOf(pid, "exclusive"),
    heldForMs: Math.max(0, Date.now() - since),
  };
}
