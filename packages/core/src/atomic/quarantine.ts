import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { recordQuarantined } from "../events.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { fitBasename, longestNameBytes } from "./name-limit.ts";
import { syncDirectorySync } from "./sync-directory.ts";
import { writeAllSync } from "./write-all.ts";

/** Bytes that were moved aside, unchanged, because they cannot be read as whole lines. */
export interface Quarantined {
  /** The new file that holds them, beside the file they were found in. */
  readonly path: string;
  /** How many bytes it holds. */
  readonly bytes: number;
}

/** A part of a file: `start` inclusive, `end` exclusive, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const chunkBytes = 1 << 18;

/**
 * Copies parts of an open file, byte for byte, to `<file>.<kind>-<UTC time>-<8 hex>` with the file's permission bits, and
 * makes the copy durable. The original is not touched: cutting it is the caller's next step.
 * Throws the system's error, leaving no copy behind.
 */
export function quarantine(
  fd: number,
  path: string,
  kind: "torn" | "corrupt",
  ranges: readonly ByteRange[],
): Quarantined {
  const copyPath = join(dirname(path), quarantineName(basename(path), kind));
  const copy = files.openSync(
    copyPath,
    openFlags.O_CREAT | openFlags.O_EXCL | openFlags.O_WRONLY | openFlags.O_NOFOLLOW,
    0o600,
  );
  let bytes = 0;
  try {
    try {
      files.fchmodSync(copy, Number(files.fstatSync(fd).mode & 0o777n));
      for (const range of ranges) bytes += copyRange(fd, copy, range);
      files.fsyncSync(copy);
    } finally {
      files.closeSync(copy);
    }
    syncDirectorySync(dirname(path));
  } catch (error) {
    try {
      files.unlinkSync(copyPath);
    } catch {
      // A copy too many; the error that led here matters more.
    }
    throw error;
  }
  recordQuarantined(path, copyPath, bytes);
  return { path: copyPath, bytes };
}

/** A fresh name for bytes of the file called `name` that are moved aside. */
export function quarantineName(name: string, kind: "torn" | "corrupt" | "conflict"): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const suffix = `.${kind}-${time}-${randomBytes(4).toString("hex")}`;
  return fitBasename(name, longestNameBytes - suffix.length) + suffix;
}

function copyRange(from: number, to: number, { start, end }: ByteRange): number {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - start));
  let position = start;
  while (position < end) {
    const read = files.readSync(from, buffer, 0, Math.min(buffer.length, end - position), position);
    if (read === 0) break;
    writeAllSync(to, buffer.subarray(0, read));
    position += read;
  }
  return position - start;
}
