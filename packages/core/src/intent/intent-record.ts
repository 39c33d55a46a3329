import { hash } from "node:crypto";
import { basename, dirname, join, relative } from "node:path";
import { WriteFailedError } from "../errors.ts";
import type { BackendName } from "../lock/lock-options.ts";
import { osCodeOf } from "../os-error.ts";
import { stagedNameTest } from "../atomic/staged-name.ts";
import type { Durability } from "../options.ts";
import { files, openFlags } from "../platform/file-system.ts";

/** What a commit is to make of one file. */
export interface IntentMember {
  /** The file, resolved. */
  readonly targetPath: string;
  /** Its new content, or what is appended to it: the name of a file beside it. Gone once that is done. */
  readonly stagedName: string;
  /** SHA-256 of the staged file, and its size: what is taken for it must be it. */
  readonly stagedHash: string;
  readonly stagedBytes: number;
  /** The layout and the backend of its lock, and what it is held on, for whoever comes by another member. */
  readonly layout: string;
  readonly backend: BackendName;
  readonly lockPaths: readonly string[];
  readonly change: ReplacedDocument | AppendedLog;
}

/** The staged file takes the place of the old content. */
export interface ReplacedDocument {
  readonly kind: "document";
  /** Revision of the old content; `absent` where there was none. */
  readonly before: string;
  readonly after: string;
  /** Of a log: the size of the old content. Lines that somebody appended to it since belong behind the new. */
  readonly beforeBytes?: number | undefined;
}

/** The staged bytes go to the end of the log. */
export interface AppendedLog {
  readonly kind: "log";
  /** The size of the log before: whole lines. */
  readonly offset: number;
  /** SHA-256 of the bytes right before the offset, at most {@link precedingBytes}. */
  readonly preceding: string;
}

/** One commit of several files, before it is finished. */
export interface IntentRecord {
  readonly durability: Durability;
  readonly members: readonly IntentMember[];
}

/** One that lies on the disk. */
export interface ReadIntent extends IntentRecord {
  /** The user it belongs to. */
  readonly owner: bigint;
}

/** How many bytes before the end of a log tell that it is still the one that was appended to. */
export const precedingBytes = 4096;
const largestRecordBytes = 16 << 20;
const format = "flockwork intent 1";

export function contentHash(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}

/**
 * The bytes of a record that will lie at `recordPath`. Paths in it are relative: a directory may be moved as a whole.
 * @throws {WriteFailedError} for more members than a record may name; one that cannot be read back would leave the commit half done.
 */
export function encodeIntent(record: IntentRecord, recordPath: string): Buffer {
  const from = dirname(recordPath);
  const members = record.members.map(({ targetPath, lockPaths, ...rest }) => ({
    file: relative(from, targetPath),
    locks: lockPaths.map((path) => relative(from, path)),
    ...rest,
  }));
  const line = JSON.stringify({ format, durability: record.durability, members });
  const bytes = Buffer.from(`${line}\n${contentHash(Buffer.from(line))}\n`);
  if (bytes.length <= largestRecordBytes) return bytes;
  const why = `its ${members.length} files make a record of ${bytes.length} bytes, where ${largestRecordBytes} are read`;
  throw new WriteFailedError(
    recordPath,
    "commit a transact with its record at",
    new RangeError(`${why}: change fewer at once`),
  );
}

/**
 * Reads a record. Undefined where none is; `"damaged"` where something else is, or only a part of it.
 * Throws the system's error.
 */
export function readIntent(recordPath: string): ReadIntent | "damaged" | undefined {
  let fd: number;
  try {
    fd = files.openSync(recordPath, openFlags.O_RDONLY | openFlags.O_NOFOLLOW | openFlags.O_NONBLOCK);
  } catch (error) {
    if (osCodeOf(error) === "ENOENT") return undefined;
    if (osCodeOf(error) === "ELOOP") return "damaged";
    throw error;
  }
  try {
    const stats = files.fstatSync(fd);
    if (!stats.isFile() || stats.size > largestRecordBytes) return "damaged";
    const bytes = Buffer.alloc(Number(stats.size));
    const read = files.readSync(fd, bytes, 0, bytes.length, 0);
    const record = parseIntent(bytes.toString("utf8", 0, read), dirname(recordPath));
    return record === undefined ? "damaged" : { ...record, owner: stats.uid };
  } finally {
    files.closeSync(fd);
  }
}

interface StoredMember extends Omit<IntentMember, "targetPath" | "lockPaths"> {
  readonly file: string;
  readonly locks: readonly string[];
}

function parseIntent(text: string, directory: string): IntentRecord | undefined {
  const [line = "", digest, rest] = text.split("\n");
  if (digest !== contentHash(Buffer.from(line)) || rest !== "") return undefined;
  const stored = JSON.parse(line) as { format: unknown; durability: Durability; members: StoredMember[] };
  if (stored.format !== format) return undefined;
  const members = stored.members.map(({ file, locks, ...others }) => ({
    targetPath: join(directory, file),
    lockPaths: locks.map((path) => join(directory, path)),
    ...others,
  }));
  return members.every(isPlausible) ? { durability: stored.durability, members } : undefined;
}

/** A record may name staged files of its members and nothing else. */
function isPlausible({ targetPath, stagedName }: IntentMember): boolean {
  return basename(stagedName) === stagedName && stagedNameTest(basename(targetPath))(stagedName);
}
