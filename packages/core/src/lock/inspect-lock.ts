import { basename, join } from "node:path";
import { checkPath } from "../options.ts";
import { files } from "../platform/file-system.ts";
import type { LockMode } from "./lock-mode.ts";
import { holdersOf, waitersOf, type LockHolder } from "./lock-holder.ts";
import type { LayoutName, LockLayout } from "./lock-layout.ts";
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
  /** From the kernel's own table: never from the text inside the file. */
  readonly holders: readonly LockHolder[];
  /** Those who wait in the kernel's queue. Callers of this process that wait behind them are counted in `waitingHere`. */
  readonly waiters: readonly LockHolder[];
  readonly waitingHere: number;
  /** Milliseconds this process has held it; undefined where another one does. */
  readonly heldForMs: number | undefined;
}

/**
 * Who holds the lock of a data file, and who waits. Reads the kernel's table; opens and locks nothing.
 *
 * @throws {LockFailedError} when the file's directory is missing.
 */
export function inspectLock(
  path: string,
  options: { readonly layout?: LockLayout | LayoutName | undefined } = {},
): LockInspection {
  checkPath("path", path);
  return inspectLockFile(locate(path, resolveLayout(options.layout)).plan.legs[0].path);
}

/** The same for every lock file of a directory (and its `.gastown/locks`). */
export function listLocks(directory: string): readonly LockInspection[] {
  checkPath("directory", directory);
  return lockFilesIn(directory).map(inspectLockFile);
}

/** Regular files with a lock's name: in the directory itself and in the lock directories of the known layouts below it. */
export function lockFilesIn(directory: string): readonly string[] {
  const found: string[] = [];
  for (const place of [directory, join(directory, ".gastown", "locks"), join(directory, ".locks")]) {
    if (files.statSync(place)?.isDirectory() !== true) continue;
    for (const name of files.readdirSync(place)) {
      const path = join(place, name);
      if (isLockName(name) && files.lstatSync(path)?.isFile() === true) found.push(path);
    }
  }
  return found;
}

function isLockName(name: string): boolean {
  return name.endsWith(".lock") || name.endsWith(".flock") || name.endsWith(`.lock${gateSuffix}`);
}

function inspectLockFile(lockPath: string): LockInspection {
  const exists = files.lstatSync(lockPath) !== undefined;
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

/** The name of the data file a lock file stands for, for messages. */
export function dataNameOf(lockPath: string): string {
  return basename(lockPath).replace(/\.f?lock(\.gate)?$/, "");
}
