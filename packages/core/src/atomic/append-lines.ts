import { TooLargeError } from "../errors.ts";
import { resolveLockOptions, type LockOptions } from "../lock/lock-options.ts";
import {
  checkDurability,
  checkFunction,
  checkOptions,
  checkPath,
  type Durability,
  type Receipt,
} from "../options.ts";
import type { Appended } from "./append-job.ts";
import { appendEngineFor } from "./append-registry.ts";
import { logRevision } from "./log-revision.ts";
import type { Quarantined } from "./quarantine.ts";

/** How lines are appended. */
export interface AppendOptions extends LockOptions {
  /** Default `"disk"`: acknowledged once an fsync covers the lines. */
  readonly durability?: Durability | undefined;
  /**
   * Called when this append found a torn tail and moved it aside, before it resolves. What it throws rejects the call,
   * though the lines are appended.
   */
  readonly onQuarantine?: ((moved: Quarantined) => void) | undefined;
  /** Bytes of one line at most, its newline not counted. Default 16 MiB, which is what logs are read with. */
  readonly maxLineBytes?: number | undefined;
}

/** The longest line that is written, and read, where nobody says otherwise. */
export const defaultMaxLineBytes: number = 16 * 1024 * 1024;

/** What an append resolves to. The revision is `<size in bytes>-<hash of the end of the last line>`. */
export interface AppendReceipt extends Receipt {
  /** Where the first line went, in bytes; the size of the file when nothing was appended. */
  readonly offset: number;
  /** The byte offset just after the last line. */
  readonly nextOffset: number;
  /** The torn tail that was found and moved aside. */
  readonly quarantined?: Quarantined | undefined;
}

/**
 * Appends whole lines, all of them or none, under the exclusive lock of `path`.
 *
 * Concurrent calls of this process for one file share one lock, one write and one fsync. A missing file is created
 * (0o644 less the umask). The fsync follows the release of the lock: other processes may read a line just before it is
 * durable, but no caller is told before. A torn tail left by a crash is moved to `<file>.torn-…` first.
 *
 * All or none holds against every error. Against a crash in the very middle of the write it holds for a single line: of
 * several, the first may stay, unacknowledged. What must never be half done belongs into one line.
 *
 * @param lines - Without their newlines. Each is written as UTF-8 and followed by `\n`.
 * @throws {TypeError | RangeError} a line is no well-formed string, or contains a newline. Nothing was written.
 * @throws {TooLargeError} `ERR_TOO_LARGE`: a line exceeds `maxLineBytes`. Nothing was written.
 * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`: nothing was written.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: the path is no regular file; nothing was written.
 * @throws {WriteFailedError} `ERR_WRITE_FAILED`: nothing was written, or what was written has been taken back.
 * @throws {CommitUncertainError} `ERR_COMMIT_UNCERTAIN`: the lines are in the file, but may not survive a power loss; or
 *   a part of them could not be taken back (see its cause).
 * @example
 * await appendLines("events.log", ["started", "ready"]);
 */
export async function appendLines(
  path: string,
  lines: readonly string[],
  options: AppendOptions = {},
): Promise<AppendReceipt> {
  const { durability, maxLineBytes } = checkAppendOptions(path, options);
  const content = encodeLines(path, lines, maxLineBytes);
  const appended = await appendEngineFor(path, options).submit({
    content,
    durability,
    wait: options,
  });
  return toAppendReceipt(appended, durability, options);
}

/** The synchronous twin of {@link appendLines}. @throws {LockReentryError} this thread holds the lock asynchronously. */
export function appendLinesSync(
  path: string,
  lines: readonly string[],
  options: AppendOptions = {},
): AppendReceipt {
  const { durability, maxLineBytes } = checkAppendOptions(path, options);
  const content = encodeLines(path, lines, maxLineBytes);
  const appended = appendEngineFor(path, options).submitSync(content, {
    durability,
    wait: options,
  });
  return toAppendReceipt(appended, durability, options);
}

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkAppendOptions(
  path: string,
  options: AppendOptions,
): { readonly durability: Durability; readonly maxLineBytes: number } {
  checkPath("path", path);
  checkOptions(options);
  resolveLockOptions(options);
  if (options.onQuarantine !== undefined) checkFunction("onQuarantine", options.onQuarantine);
  const { maxLineBytes = defaultMaxLineBytes } = options;
  if (!Number.isSafeInteger(maxLineBytes) || maxLineBytes < 1)
    throw new RangeError(`maxLineBytes must be a positive integer, got ${String(maxLineBytes)}`);
  return { durability: checkDurability(options.durability ?? "disk"), maxLineBytes };
}

/** Tells the caller what happened, the torn tail included. */
export function toAppendReceipt(
  appended: Appended,
  durability: Durability,
  options: AppendOptions,
): AppendReceipt {
  const { offset, nextOffset, changed, quarantined } = appended;
  if (quarantined !== undefined) options.onQuarantine?.(quarantined);
  const revision = logRevision(nextOffset, appended.tail);
  const receipt = { revision, changed, durability, offset, nextOffset };
  return quarantined === undefined ? receipt : { ...receipt, quarantined };
}

function encodeLines(path: string, lines: readonly string[], maxLineBytes: number): Uint8Array {
  if (!Array.isArray(lines)) throw new TypeError("lines must be an array of strings");
  lines.forEach((line: unknown, index) => {
    if (typeof line !== "string") throw new TypeError(`lines[${index}] must be a string, got ${typeof line}`);
    if (line.includes("\n"))
      throw new RangeError(`lines[${index}] contains a newline; pass each line by itself`);
    if (!line.isWellFormed())
      throw new RangeError(`lines[${index}] contains half of a surrogate pair, which UTF-8 cannot hold`);
    const bytes = line.length * 3 > maxLineBytes ? Buffer.byteLength(line) : 0;
    if (bytes > maxLineBytes) throw new TooLargeError(path, "maxLineBytes", maxLineBytes, bytes);
  });
  return Buffer.from(lines.length === 0 ? "" : `${lines.join("\n")}\n`);
}
