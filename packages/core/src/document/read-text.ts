import { isUtf8 } from "node:buffer";
import { DocumentCorruptError, ReadFailedError } from "../errors.ts";
import { resolveTarget } from "../lock/resolve-target.ts";
import { checkOptions, checkPath } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { readBytes } from "./read-bytes.ts";
import { runAsync } from "./steps.ts";

/** How {@link readText} reads. */
export interface ReadTextOptions {
  /** Largest file. Default 1 048 576. */
  readonly maxBytes?: number | undefined;
}

/**
 * The text of a small file, read at once and without a lock; undefined where no file is. A link is followed, a byte order mark
 * is kept.
 *
 * @throws {DocumentCorruptError} `ERR_DOCUMENT_CORRUPT`: not UTF-8.
 * @throws {UnsafePathError | TooLargeError | ReadFailedError} no regular file, larger than `maxBytes`, refused by the system.
 */
export async function readText(path: string, options: ReadTextOptions = {}): Promise<string | undefined> {
  checkPath("path", path);
  checkOptions(options);
  if (!isThere(path)) return undefined;
  const read = await runAsync(readBytes(resolveTarget(path), options.maxBytes ?? 1_048_576, true));
  if (read === undefined) return undefined;
  if (!isUtf8(read.bytes)) throw new DocumentCorruptError(path, "it is not UTF-8");
  return read.bytes.toString("utf8");
}

function isThere(path: string): boolean {
  try {
    return files.statSync(path) !== undefined;
  } catch (cause) {
    throw new ReadFailedError(path, cause);
  }
}
