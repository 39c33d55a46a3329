import { hash } from "node:crypto";

/** How many bytes before the end of a log its revision is made from, at most. */
export const revisionTailBytes = 64;

/**
 * Names the content of a file that only grows: `<size in bytes>-<hash of the end of its last line>`. Equal revisions of one
 * log mean equal bytes as long as it is only appended to.
 *
 * @param tail - Its last bytes: the last 64, or more, or all.
 */
export function logRevision(size: number, tail: Uint8Array): string {
  const end = Buffer.from(tail.buffer, tail.byteOffset, tail.length).subarray(-revisionTailBytes);
  const start = end.length < 2 ? 0 : end.lastIndexOf(0x0a, end.length - 2) + 1;
  return `${size}-${hash("sha256", end.subarray(start), "hex").slice(0, 16)}`;
}
