import { hash } from "node:crypto";

/** How many bytes before the end of a log its revision is made from, at most. */
export const revisionTailBytes = 64;

const newline = 0x0a;

/**
 * Names the content of a file that only grows: `<size in bytes>-<hash of the end of its last line>`. Equal revisions of one
 * log mean equal bytes as long as it is only appended to.
 *
 * Every receipt has one, though few are read: a getter in its place would be printed as one.
 *
 * @param tail - Its last bytes: the last 64, or more, or all.
 */
export function logRevision(size: number, tail: Uint8Array): string {
  const first = Math.max(0, tail.length - revisionTailBytes);
  let start = Math.max(first, tail.length - 1);
  while (start > first && tail[start - 1] !== newline) start -= 1;
  return `${size}-${hash("sha256", tail.subarray(start), "hex").slice(0, 16)}`;
}
