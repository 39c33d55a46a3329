import { hash } from "node:crypto";

/** The longest file name, in bytes, on every file system we know. */
export const longestNameBytes = 255;

/**
 * A basename that takes at most `allowedBytes`. One that is too long keeps its beginning and gets 32 digits of its hash,
 * so that different files never share a shortened name.
 */
export function fitBasename(basename: string, allowedBytes: number): string {
  if (Buffer.byteLength(basename) <= allowedBytes) return basename;
  const tag = `~${hash("sha256", basename, "hex").slice(0, 32)}`;
  let kept = basename;
  while (Buffer.byteLength(kept) + tag.length > allowedBytes) kept = kept.slice(0, -1);
  if (!kept.isWellFormed()) kept = kept.slice(0, -1);
  return kept + tag;
}
