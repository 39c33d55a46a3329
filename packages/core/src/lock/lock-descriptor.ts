/**
 * The descriptor a kernel lock is held on: opened without following links or truncating, of a regular file of ours,
 * on a file system whose flock means something, and verified after every grant to be the file the path still names.
 */
import { dirname } from "node:path";
import { osCodeOf, UnsafePathError } from "../errors.ts";
import { networkFileSystemOf } from "../platform/file-system-type.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { flock, FlockUnavailableError, GrantCheck } from "../platform/flock.ts";
import { LockBackendMismatchError, LockFailedError, LockUnsupportedError } from "./lock-errors.ts";
import type { FlockLegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt } from "./lock-primitive.ts";
import { hardLinked } from "./resolve-target.ts";

export interface DescriptorPolicy {
  readonly allowNetworkFileSystem: boolean;
  readonly allowForeignOwner: boolean;
  /** False: a missing lock file is no error but "nothing to lock" (see Turnstile). */
  readonly create: boolean;
}

const attemptLimit = 1_000;
const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = openFlags;

/** Opens a lock file. Undefined when it is missing and the policy does not create. */
export function openLockFile(plan: FlockLegPlan, policy: DescriptorPolicy): number | undefined {
  const { path } = plan;
  const flags = O_NOFOLLOW | O_NONBLOCK | (policy.create ? O_CREAT : 0);
  const mode = plan.fileMode ?? 0o600;
  let fd: number;
  try {
    fd = files.openSync(path, O_RDWR | flags, mode);
  } catch (error) {
    const code = osCodeOf(error);
    if (code === "ENOENT" && !policy.create) return undefined;
    if (code === "ENOENT" && plan.createDirectory === true) {
      createDirectory(path);
      return openLockFile({ ...plan, createDirectory: false }, policy);
    }
    if (code !== "EACCES" && code !== "EROFS") throw refusal(path, error);
    try {
      fd = files.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK); // an existing lock we may only read can be held all the same
    } catch (second) {
      throw refusal(path, osCodeOf(second) === "ENOENT" ? error : second);
    }
  }
  if (!policy.allowNetworkFileSystem) refuseNetwork(path, fd);
  return fd;
}

/** One non-blocking attempt on an open descriptor, with the verdict on what the grant is worth. */
export function attemptOn(
  fd: number,
  path: string,
  mode: LockMode,
  dataPath: string,
  policy: DescriptorPolicy,
): Attempt | "replaced" {
  let granted: boolean;
  try {
    granted = flock.tryLock(fd, mode);
  } catch (cause) {
    throw lockingFailure(path, cause);
  }
  return verdictOn(fd, path, granted, dataPath, policy);
}

/** What a grant, or a refusal, on this descriptor is worth. Gives the lock back unless it is "granted". */
export function verdictOn(
  fd: number,
  path: string,
  granted: boolean,
  dataPath: string,
  policy: DescriptorPolicy,
): Attempt | "replaced" {
  const found = inspectGrant(fd, path, granted, dataPath, policy);
  if (found === GrantCheck.ok) return granted ? "granted" : "busy";
  if (granted) flock.unlock(fd);
  if ((found & GrantCheck.lockNotRegular) !== 0)
    throw new UnsafePathError(path, "the lock is not a regular file.");
  if ((found & GrantCheck.lockReplaced) !== 0) return "replaced";
  if ((found & GrantCheck.dataHasHardLinks) !== 0) throw hardLinked(dataPath, undefined);
  if ((found & GrantCheck.dataIsSymlink) !== 0) return "moved";
  throw new UnsafePathError(
    path,
    "the lock file belongs to another user; pass allowForeignOwner if that is intended.",
  );
}

function inspectGrant(
  fd: number,
  path: string,
  granted: boolean,
  dataPath: string,
  policy: DescriptorPolicy,
): number {
  try {
    const found = flock.checkGrant(fd, path, dataPath);
    return policy.allowForeignOwner ? found & ~GrantCheck.lockForeignOwner : found;
  } catch (cause) {
    if (granted) flock.unlock(fd);
    throw new LockFailedError(path, "verify lock", cause);
  }
}

export function tooManyReplacements(path: string): LockFailedError {
  const cause = new Error(`the lock file was replaced ${attemptLimit} times in a row`);
  return new LockFailedError(path, "lock", cause, "Another program keeps deleting it.");
}

export { attemptLimit };

/** No binding at all is no failure of the file: it says what to install. */
function lockingFailure(path: string, cause: unknown): Error {
  if (cause instanceof FlockUnavailableError)
    return new LockUnsupportedError(path, "flock", cause.message, { cause });
  return new LockFailedError(path, "lock", cause);
}

function createDirectory(path: string): void {
  try {
    files.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new LockFailedError(path, "create the directory of lock", cause);
  }
}

function refuseNetwork(path: string, fd: number): void {
  let name: string | undefined;
  try {
    name = networkFileSystemOf(path);
  } catch (cause) {
    files.closeSync(fd);
    throw new LockFailedError(path, "learn the file system of", cause);
  }
  if (name === undefined) return;
  files.closeSync(fd);
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
