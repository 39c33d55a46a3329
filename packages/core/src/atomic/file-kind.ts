import type { files } from "../platform/file-system.ts";

/** What a stat tells. */
export type FileStats = NonNullable<ReturnType<typeof files.lstatSync>>;

/** What a path is, in words for messages. */
export function describeFileKind(stats: FileStats): string {
  if (stats.isFile()) return "a regular file";
  if (stats.isDirectory()) return "a directory";
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return "a device";
  return "a special file";
}
