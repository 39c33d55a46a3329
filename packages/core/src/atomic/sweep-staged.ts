import { basename, dirname, join } from "node:path";
import { isRecordName, readMark } from "../intent/intent-mark.ts";
import { removeUnneeded } from "../intent/remove-record.ts";
import { monotonicMs } from "../lock/clock.ts";
import { files } from "../platform/file-system.ts";
import { stagedNameTest } from "./staged-name.ts";

/** When this process swept which file. When it is full it is emptied: sweeping again costs one readdir. */
const swept = new Map<string, number>();
const mostRemembered = 1024;
/** What others leave while this process lives is not left for ever. */
const sweepAgainMs = 600_000;

/**
 * Removes what crashes left staged for `targetPath`, and records of commits that are finished, once in ten minutes. The
 * caller holds its exclusive lock and has finished its intents, so no staged file of it can be in use. Never fails: what
 * cannot be removed stays for the next process.
 */
export function sweepNowAndThen(targetPath: string): void {
  const now = monotonicMs();
  const sweptAt = swept.get(targetPath) ?? -Infinity;
  if (now - sweptAt < sweepAgainMs || mayBeNeeded(targetPath)) return;
  if (swept.size >= mostRemembered) swept.clear();
  swept.set(targetPath, now);
  const directory = dirname(targetPath);
  const names = listNames(directory);
  sweepStagedOf(targetPath, names);
  for (const name of names) if (isRecordName(name)) removeUnneeded(join(directory, name));
}

/** Removes what crashes left staged for `targetPath`, under its exclusive lock. Returns the paths removed. */
export function sweepStagedOf(
  targetPath: string,
  names: readonly string[] = listNames(dirname(targetPath)),
): string[] {
  const directory = dirname(targetPath);
  const isStaged = stagedNameTest(basename(targetPath));
  return names
    .filter(isStaged)
    .map((name) => join(directory, name))
    .filter(removeOwn);
}

/** What an interrupted commit staged is all there is of it. Whoever did not finish it first must not remove it. */
function mayBeNeeded(targetPath: string): boolean {
  try {
    return readMark(targetPath) !== undefined;
  } catch {
    return true;
  }
}

/** The names in a directory; none where it cannot be read. */
function listNames(directory: string): string[] {
  try {
    return files.readdirSync(directory);
  } catch {
    return [];
  }
}

/** Only regular files of our own user; root may sweep everyone's. */
function removeOwn(path: string): boolean {
  try {
    const stats = files.lstatSync(path);
    if (stats === undefined || !stats.isFile()) return false;
    const uid = process.geteuid?.();
    if (uid !== undefined && uid !== 0 && BigInt(uid) !== stats.uid) return false;
    files.unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
