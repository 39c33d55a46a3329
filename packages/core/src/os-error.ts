/** What the operating system said, in the words of our errors. */

/** What an operating system refused, as Node reports it (`ENOSPC`, `EACCES`, …); undefined for other causes. */
export function osCodeOf(cause: unknown): string | undefined {
  if (typeof cause !== "object" || cause === null) return undefined;
  const { code, osCode } = cause as { code?: unknown; osCode?: unknown };
  if (typeof osCode === "string") return osCode;
  return typeof code === "string" ? code : undefined;
}

/** In words where we have some, else in its own. */
export function describeOs(osCode: string | undefined, cause: unknown): string {
  const known = osCode === undefined ? undefined : explanations[osCode];
  if (known !== undefined) return `${known} (${osCode})`;
  return cause instanceof Error ? cause.message : String(cause);
}

const explanations: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would exceed the allowed file size",
  EIO: "the disk reported an input/output error",
  EISDIR: "it is a directory",
  EMFILE: "this process has too many open files",
  ENFILE: "the system has too many open files",
  ENOENT: "the file or its directory does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
};
