import { constants } from "node:os";
import { commitReplacement, commitReplacementSync } from "../atomic/commit-replacement.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import type { FileLock } from "../lock/file-lock.ts";
import { withWriteLock, withWriteLockSync } from "../lock/with-lock.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { appendBytes, appendBytesSync } from "./append-bytes.ts";
import {
  bytesOf,
  modeOf,
  objectOf,
  pathOf,
  settingsOf,
  type PathLike,
  type WriteFileOptions,
} from "./arguments.ts";
import { unwrapping, unwrappingSync } from "./os-errors.ts";

/**
 * As `writeFile` of `node:fs/promises`, but under the exclusive lock and in one step: readers see the old content or the new.
 *
 * @throws The system's own error where it refused (`ENOENT`, `EACCES`, `ENOSPC`, …): the old content stands.
 * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT` and the other errors of a lock: nothing was written.
 * @throws {CommitUncertainError} `ERR_COMMIT_UNCERTAIN`: written, but whether it survives a power loss is unknown.
 */
export function writeFile(
  path: PathLike,
  data: string | NodeJS.ArrayBufferView,
  options?: WriteFileOptions | BufferEncoding | null,
): Promise<void> {
  return unwrapping(async () => {
    const job = jobOf(path, data, options);
    await withWriteLock(
      job.path,
      (lock) => {
        if (job.flag === "a") return appendBytes(lock, job.bytes, job.mode ?? 0o666, job.durability);
        prepare(lock, job);
        return commitReplacement(lock, job.bytes, job);
      },
      job.lock,
    );
  });
}

/** The synchronous twin of {@link writeFile}. Throws as `writeFileSync` of `node:fs`. */
export function writeFileSync(
  path: PathLike,
  data: string | NodeJS.ArrayBufferView,
  options?: WriteFileOptions | BufferEncoding | null,
): void {
  unwrappingSync(() => {
    const job = jobOf(path, data, options);
    withWriteLockSync(
      job.path,
      (lock) => {
        if (job.flag === "a") return appendBytesSync(lock, job.bytes, job.mode ?? 0o666, job.durability);
        prepare(lock, job);
        return commitReplacementSync(lock, job.bytes, job);
      },
      job.lock,
    );
  });
}

/** As `appendFile` of `node:fs/promises`, under the exclusive lock: all bytes, or none. For JSONL, `appendJsonl` does more. */
export function appendFile(
  path: PathLike,
  data: string | Uint8Array,
  options?: Omit<WriteFileOptions, "flag"> | BufferEncoding | null,
): Promise<void> {
  return writeFile(path, data, { ...objectOf(options), flag: "a" });
}

/** The synchronous twin of {@link appendFile}. */
export function appendFileSync(
  path: PathLike,
  data: string | Uint8Array,
  options?: Omit<WriteFileOptions, "flag"> | BufferEncoding | null,
): void {
  writeFileSync(path, data, { ...objectOf(options), flag: "a" });
}

interface WriteJob extends ReturnType<typeof settingsOf> {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly flag: "w" | "wx" | "a";
  /** For a file that is made. */
  mode: number | undefined;
}

function jobOf(
  path: PathLike,
  data: string | NodeJS.ArrayBufferView,
  given: WriteFileOptions | BufferEncoding | null | undefined,
): WriteJob {
  const options = objectOf<WriteFileOptions>(given);
  const { encoding, mode, flag = "w" } = options;
  if (flag !== "w" && flag !== "wx" && flag !== "a")
    throw new TypeError(`flag must be "w", "wx" or "a", got ${String(flag)}`);
  const job = {
    path: pathOf(path),
    bytes: bytesOf(data, encoding),
    flag,
    mode: modeOf(mode),
    ...settingsOf(options),
  };
  if (job.path.endsWith("/")) throw systemError("EISDIR", "illegal operation on a directory", job.path);
  if (flag === "wx" && files.lstatSync(job.path) !== undefined) throw alreadyThere(job.path);
  return job;
}

/** What `flag` and `mode` say of a file that exists. Throws as `node:fs` does for `"wx"`. */
function prepare(lock: FileLock, job: WriteJob): void {
  finishIntent(lock);
  if (files.lstatSync(lock.targetPath) === undefined) {
    if (job.mode !== undefined) job.mode &= ~process.umask();
    return;
  }
  job.mode = undefined; // an existing file keeps its own
  if (job.flag !== "wx") {
    // A replacement needs no right to write the file it replaces; legacy code relies on being refused.
    files.closeSync(files.openSync(lock.targetPath, openFlags.O_WRONLY | openFlags.O_NONBLOCK));
    return;
  }
  throw alreadyThere(job.path);
}

function alreadyThere(path: string): Error {
  return systemError("EEXIST", "file already exists", path);
}

/** As the system would say it. */
function systemError(code: "EEXIST" | "EISDIR", text: string, path: string): Error {
  const error = new Error(`${code}: ${text}, open '${path}'`);
  return Object.assign(error, { errno: -constants.errno[code], code, syscall: "open", path });
}
