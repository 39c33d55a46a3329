import { join } from "node:path";
import { ReadFailedError, StoreError } from "../errors.ts";
import { checkPath } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { isBehindForeignLink } from "./foreign-link.ts";
import { standingLock, type StandingLock } from "./found-lock.ts";
import type { LockMode } from "./lock-mode.ts";
import { holdersOf, waitersOf, type LockHolder } from "./lock-holder.ts";
import type { DirectoryLegPlan, JsonFileLegPlan, LayoutName, LegPlan, LockLayout } from "./lock-layout.ts";
import { resolveLayout } from "./lock-options.ts";
import { heldHere, locate } from "./queues.ts";
import { gateSuffix } from "./turnstile.ts";

/** What can be known of a lock without touching it. */
export interface LockInspection {
  readonly lockPath: string;
  /** Whether the lock file exists. A file without holders is normal, and harmless. */
  readonly exists: boolean;
  readonly held: boolean;
  readonly mode: LockMode | undefined;
  /**
   * From the kernel's own table, never from the text inside the file; only of a lock that consists in being there (FlowForge's),
   * the running process that its record names.
   */
  readonly holders: readonly LockHolder[];
  /** Those who wait in the kernel's queue. Callers of this process that wait behind them are counted in `waitingHere`. */
  readonly waiters: readonly LockHolder[];
  readonly waitingHere: number;
  /** Milliseconds this process has held it, or a neighbour, as its record says; undefined where the kernel's holder is another. */
  readonly heldForMs: number | undefined;
}

/**
 * Who holds the lock of a data file, and who waits. Reads the kernel's table, and what stands there of FlowForge's locks; locks nothing.
 *
 * @throws {LockFailedError} when the file's directory is missing.
 * @throws {ReadFailedError} when the lock file cannot be looked at.
 */
export function inspectLock(
  path: string,
  options: { readonly layout?: LockLayout | LayoutName | undefined } = {},
): LockInspection {
  checkPath("path", path);
  const [own, ...others] = locate(path, resolveLayout(options.layout)).plan.legs.map(inspectLeg);
  return merged(own as LockInspection, others);
}

function inspectLeg(leg: LegPlan): LockInspection {
  const { path: lockPath } = leg;
  if (leg.kind === "flock") return inspectLockFile(lockPath);
  const standing = standingOf(leg);
  return {
    lockPath,
    exists: standing !== undefined,
    held: standing !== undefined,
    mode: standing === undefined ? undefined : "exclusive",
    holders: standing?.holder === undefined ? [] : [standing.holder],
    waiters: [],
    waitingHere: 0,
    heldForMs: standing?.heldForMs,
  };
}

function standingOf(leg: JsonFileLegPlan | DirectoryLegPlan): StandingLock | undefined {
  try {
    return standingLock(leg);
  } catch (cause) {
    throw cause instanceof StoreError ? cause : new ReadFailedError(leg.path, cause);
  }
}

/** A lock of several legs is held when any of them is; whoever holds more than one counts once. */
function merged(own: LockInspection, others: readonly LockInspection[]): LockInspection {
  const all = [own, ...others];
  const once = (lists: readonly (readonly LockHolder[])[]): readonly LockHolder[] => [
    ...new Map(lists.flat().map((holder) => [holder.pid, holder])).values(),
  ];
  return {
    ...own,
    held: all.some(({ held }) => held),
    mode: all.find(({ mode }) => mode !== undefined)?.mode,
    holders: once(all.map(({ holders }) => holders)),
    waiters: once(all.map(({ waiters }) => waiters)),
    heldForMs: all.find(({ heldForMs }) => heldForMs !== undefined)?.heldForMs,
  };
}

/**
 * The same for every lock file of a directory, and of `.gastown/locks` and `.locks` in it. None where the directory is missing.
 *
 * @throws {ReadFailedError} when it cannot be read.
 */
export function listLocks(directory: string): readonly LockInspection[] {
  checkPath("directory", directory);
  return lockFilesIn(directory).map(inspectLockFile);
}

/** Regular files with a lock's name: in the directory itself and in the lock directories of the known layouts below it. */
export function lockFilesIn(directory: string): readonly string[] {
  return lockPlaces(directory, isLockName, (path) => files.lstatSync(path)?.isFile() === true);
}

/**
 * What is named so, where a directory has its locks: in itself and in the lock directories of the known layouts below it. One that
 * another user's link leads to is none of it: no lock is taken there either.
 */
export function lockPlaces(
  directory: string,
  isNamed: (name: string) => boolean,
  isWanted: (path: string) => boolean,
): readonly string[] {
  const places = [directory, join(directory, ".gastown", "locks"), join(directory, ".locks")];
  return places.flatMap((place) => {
    try {
      if (place !== directory && isBehindForeignLink(place)) return [];
      if (files.statSync(place)?.isDirectory() !== true) return [];
      const paths = files
        .readdirSync(place)
        .filter(isNamed)
        .map((name) => join(place, name));
      return paths.filter(isWanted);
    } catch (cause) {
      throw new ReadFailedError(place, cause);
    }
  });
}

function isLockName(name: string): boolean {
  return name.endsWith(".lock") || name.endsWith(".flock") || name.endsWith(`.lock${gateSuffix}`);
}

function lockFileExists(lockPath: string): boolean {
  try {
    return files.lstatSync(lockPath) !== undefined;
  } catch (cause) {
    throw new ReadFailedError(lockPath, cause);
  }
}

function inspectLockFile(lockPath: string): LockInspection {
  const exists = lockFileExists(lockPath);
  const holders = exists ? holdersOf(lockPath) : [];
  const here = heldHere(lockPath);
  return {
    lockPath,
    exists,
    held: holders.length > 0 || here.mode !== undefined,
    mode: holders[0]?.mode ?? here.mode,
    holders,
    waiters: exists ? waitersOf(lockPath) : [],
    waitingHere: here.waiting,
    heldForMs: here.heldForMs,
  };
}
