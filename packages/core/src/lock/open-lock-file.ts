/** Opening a lock file: no link followed, nothing truncated, and nothing made on a file system whose flock may mean nothing. */
import { dirname, resolve } from "node:path";
import { UnsafePathError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { networkFileSystemOf } from "../platform/file-system-type.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { refuseForeignLinksTo } from "./foreign-link.ts";
import { LockBackendMismatchError, LockFailedError, LockUnsupportedError } from "./lock-errors.ts";
import type { FlockLegPlan } from "./lock-layout.ts";

export interface DescriptorPolicy {
  readonly allowNetworkFileSystem: boolean;
  readonly allowForeignOwner: boolean;
  /** False: a missing lock file is no error but "nothing to lock" (see Turnstile). */
  readonly create: boolean;
}

/** What a lock file is created with where its plan does not say. */
export const defaultFileMode = 0o600;

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = openFlags;

/** Opens a lock file. Undefined when it is missing and the policy does not create. */
export function openLockFile(plan: FlockLegPlan, policy: DescriptorPolicy): number | undefined {
  const { path } = plan;
  if (!policy.allowNetworkFileSystem) refuseNetwork(path);
  const flags = O_NOFOLLOW | O_NONBLOCK | (policy.create ? O_CREAT : 0);
  const mode = plan.fileMode ?? defaultFileMode;
  if (plan.createDirectory === true) refuseForeignDirectory(path);
  try {
    return files.openSync(path, O_RDWR | flags, mode);
  } catch (error) {
    const code = osCodeOf(error);
    if (code === "ENOENT" && !policy.create) return undefined;
    if (code === "ENOENT" && plan.createDirectory === true) {
      createDirectory(path);
      return openLockFile({ ...plan, createDirectory: false }, policy);
    }
    if (code !== "EACCES" && code !== "EROFS") throw refusal(path, error);
    try {
      return files.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK); // an existing lock we may only read can be held all the same
    } catch (second) {
      throw refusal(path, osCodeOf(second) === "ENOENT" ? error : second);
    }
  }
}

/** The directory of the data was resolved; one of its own that a lock has is found below it by name. */
function refuseForeignDirectory(path: string): void {
  try {
    refuseForeignLinksTo(path, resolve(dirname(path)));
  } catch (cause) {
    if (cause instanceof UnsafePathError) throw cause;
    throw new LockFailedError(path, "find the directory of lock", cause);
  }
}

function createDirectory(path: string): void {
  try {
    files.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new LockFailedError(path, "create the directory of lock", cause);
  }
}

/**
 * For the lock file and, where that lies elsewhere, for the data: programs of other machines reach both.
 *
 * @throws {LockUnsupportedError} for a path on a network file system.
 * @throws {LockFailedError} when that cannot be told.
 */
export function refuseNetwork(path: string): void {
  let name: string | undefined;
  try {
    name = networkFileSystemOf(path);
  } catch (cause) {
    throw new LockFailedError(path, "learn the file system of", cause);
  }
  if (name === undefined) return;
  throw new LockUnsupportedError(
    path,
    "flock",
    `it lies on ${name}, where flock may not reach other machines. Keep it on a local disk, choose backend: "proper-lockfile" ` +
      "in every program, or pass allowNetworkFileSystem: true if only this machine uses it.",
  );
}

function refusal(path: string, cause: unknown): Error {
  const code = osCodeOf(cause);
  if (code === "EISDIR")
    return new LockBackendMismatchError(path, "a lock file (flock)", "a directory (mkdir lock)");
  if (code === "ELOOP")
    return new UnsafePathError(path, "the lock is a symbolic link, which could point anywhere.");
  if (code === "ENXIO" || code === "ENODEV")
    return new UnsafePathError(path, "the lock is not a regular file.");
  const hint = code === "EACCES" ? "Check the owner and mode of the lock file and its directory." : "";
  return new LockFailedError(path, "open lock", cause, hint);
}
