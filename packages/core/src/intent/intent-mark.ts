/**
 * How a file says that a commit of several files includes it: a symbolic link beside it, `.<file>.intent`, to the commit's
 * record, `.<32 hexadecimal digits>.intent`. All links are there before the record is, and the record is removed last:
 *
 * - no link: no commit is going on (one look, a microsecond or two; this is all that writers of a single file ever pay);
 * - a link that leads nowhere: the commit was given up before it was one, or is finished: the link means nothing;
 * - a link that leads to a record: the commit was made, and what it says about the file may still have to be done.
 *
 * Only a holder of the file's exclusive lock touches its link, and only that link entitles a record to change the file.
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { osCodeOf } from "../os-error.ts";
import { fitBasename, longestNameBytes } from "../atomic/name-limit.ts";
import { files } from "../platform/file-system.ts";
import { removeIfThere } from "../platform/forgiving.ts";

const suffix = ".intent";
const recordPattern = /^\.[0-9a-f]{32}\.intent$/;
const markPattern = /^\..+\.intent$/s;
const longestBasenameBytes = longestNameBytes - ".".length - suffix.length;

/** Where the link of a file is. `targetPath` is resolved, as all paths here. */
export function markPathOf(targetPath: string): string {
  const at = targetPath.lastIndexOf("/") + 1;
  // The common case, on the way of every write: no name that is too long, and no need to take the path apart.
  if (at > 0 && targetPath.length - at < longestBasenameBytes / 4)
    return `${targetPath.slice(0, at)}.${targetPath.slice(at)}${suffix}`;
  return join(dirname(targetPath), `.${fitBasename(basename(targetPath), longestBasenameBytes)}${suffix}`);
}

/** A new name for a record, beside a member. */
export function recordPathBeside(targetPath: string, digits: string): string {
  return join(dirname(targetPath), `.${digits}${suffix}`);
}

/** The basename of the file whose link has this name; undefined for other names, and for shortened ones. */
export function markedBy(name: string): string | undefined {
  if (!markPattern.test(name) || recordPattern.test(name)) return undefined;
  const base = name.slice(".".length, -suffix.length);
  return Buffer.byteLength(base) < longestBasenameBytes ? base : undefined;
}

/** Whether a name in a directory is that of a record. */
export function isRecordName(name: string): boolean {
  return recordPattern.test(name);
}

/** Whether a name in a directory is one of ours: a link or a record. */
export function isIntentName(name: string): boolean {
  return markPattern.test(name);
}

/**
 * The record that the link of a file leads to, whether or not it is there; undefined where no link of ours is. Who has not got
 * the file's lock may see it go at any time. Throws the system's error.
 */
export function readMark(targetPath: string): string | undefined {
  const mark = markPathOf(targetPath);
  const target = linkTarget(mark);
  if (target === undefined) return undefined;
  const recordPath = resolve(dirname(mark), target);
  return recordPattern.test(basename(recordPath)) ? recordPath : undefined;
}

function linkTarget(path: string): string | undefined {
  try {
    return files.readlinkSync(path);
  } catch (error) {
    const code = osCodeOf(error);
    if (code === "ENOENT" || code === "EINVAL") return undefined; // nothing there, or no link
    throw error;
  }
}

/** Whether there may be something to finish. Throws the system's error. */
export function isMarked(targetPath: string): boolean {
  return files.lstatSync(markPathOf(targetPath))?.isSymbolicLink() === true;
}

/** Links a file to a record that is about to be. Throws the system's error. */
export function writeMark(targetPath: string, recordPath: string): void {
  const mark = markPathOf(targetPath);
  files.symlinkSync(relative(dirname(mark), recordPath), mark);
}

/** Throws the system's error, unless there is none to remove. */
export function removeMark(targetPath: string): void {
  removeIfThere(markPathOf(targetPath));
}
