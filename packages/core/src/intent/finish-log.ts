import { dirname } from "node:path";
import { AppendFile } from "../atomic/append-file.ts";
import { syncDirectorySync } from "../atomic/sync-directory.ts";
import { moveTornTail } from "../atomic/torn-tail.ts";
import { writeAllSync } from "../atomic/write-all.ts";
import type { Durability } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { contentHash, precedingBytes, type AppendedLog, type IntentMember } from "./intent-record.ts";
import { readWhole } from "./read-whole.ts";
import { setAside } from "./set-aside.ts";

/**
 * Appends staged lines, if the log does not have them yet. A part of them that a crash left is completed. Lines that somebody
 * appended since stay before them; a log that somebody rewrote since is newer than they are, so they are moved aside, unless
 * they are in it. Throws the system's error; then the log is as it was.
 */
export function finishLog(
  { targetPath, stagedHash }: IntentMember,
  { offset, preceding }: AppendedLog,
  stagedPath: string,
  durability: Durability,
): void {
  const lines = readWhole(stagedPath);
  if (lines === undefined || contentHash(lines) !== stagedHash)
    return setAside(targetPath, stagedPath, "what an interrupted transact had staged is damaged");
  const rewritten = "somebody rewrote the log after a transact was interrupted";
  const log = AppendFile.open(targetPath, offset === 0)?.use();
  if (log === undefined) return setAside(targetPath, stagedPath, rewritten);
  try {
    const size = Number(files.fstatSync(log.fd).size);
    const grown = size >= offset && precedingHash(log.fd, offset) === preceding;
    const since = readRange(log.fd, grown ? offset : 0, size);
    if (!holdsLines(since, lines)) {
      if (!grown) return setAside(targetPath, stagedPath, rewritten);
      complete(log.fd, targetPath, size, since, lines);
    }
    if (durability === "disk") {
      files.fdatasyncSync(log.fd);
      syncDirectorySync(dirname(targetPath));
    }
  } finally {
    log.retire();
    log.done();
  }
  files.unlinkSync(stagedPath);
}

/** Names the bytes right before an offset. */
export function precedingHash(fd: number, offset: number): string {
  return contentHash(readRange(fd, Math.max(0, offset - precedingBytes), offset));
}

function complete(fd: number, path: string, size: number, since: Buffer, lines: Buffer): void {
  const begun = begunPart(since, lines);
  const end =
    begun === undefined
      ? size - (moveTornTail(fd, path, size)?.bytes ?? 0)
      : size - (since.length - begun.at - begun.written);
  if (begun !== undefined && end < size) files.ftruncateSync(fd, end);
  try {
    writeAllSync(fd, lines.subarray(begun?.written ?? 0));
  } catch (error) {
    files.ftruncateSync(fd, end);
    throw error;
  }
}

const newline = 0x0a;

/** Whether the lines are there, from the beginning of a line on. */
function holdsLines(bytes: Buffer, lines: Buffer): boolean {
  for (let at = bytes.indexOf(lines); at !== -1; at = bytes.indexOf(lines, at + 1)) {
    if (at === 0 || bytes[at - 1] === newline) return true;
  }
  return false;
}

/**
 * Where a part of the lines begins that a crash left at the end of the file, and how many of its bytes are as they were meant:
 * where the power was lost, NULs may stand for what came after. Undefined where no part is left.
 */
function begunPart(
  bytes: Buffer,
  lines: Buffer,
): { readonly at: number; readonly written: number } | undefined {
  for (let at = Math.max(0, bytes.length - lines.length); at < bytes.length; at += 1) {
    if (at > 0 && bytes[at - 1] !== newline) continue;
    const found = bytes.subarray(at);
    const written = commonLength(found, lines);
    if (found.subarray(written).every((byte, index) => byte === 0 || byte === lines[written + index]))
      return { at, written };
  }
  return undefined;
}

function commonLength(one: Buffer, other: Buffer): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** The bytes of a file from `start` to `end`, or to where it ends. Throws the system's error. */
export function readRange(fd: number, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const read = files.readSync(fd, bytes, filled, bytes.length - filled, start + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
