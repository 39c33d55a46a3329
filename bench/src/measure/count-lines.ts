import { closeSync, openSync, readSync } from "node:fs";

const newline = 0x0a;

/** How many lines a file has: piece by piece, since a fast contender's file outgrows the longest string. */
export function countLines(path: string): number {
  const fd = openSync(path, "r");
  const piece = Buffer.alloc(1 << 20);
  let count = 0;
  for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
    const bytes = piece.subarray(0, size);
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count += 1;
  }
  closeSync(fd);
  return count;
}
