/** What some layouts ask for besides flock, once it is granted. */
import { UnsafePathError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";
import { current, flock } from "../platform/flock.ts";
import { LockFailedError, LockUnsupportedError } from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";

/** Tries the fcntl lock of neighbours that know no other, on the same file. */
export function takeFcntl(lockPath: string, fd: number, mode: LockMode): boolean {
  let granted: boolean | undefined;
  try {
    granted = flock.tryFcntl(fd, mode);
  } catch (cause) {
    const hint = "An exclusive one needs a lock file that may be written: check its owner and mode.";
    const why = mode === "exclusive" && osCodeOf(cause) === "EBADF" ? whyOnlyRead(lockPath) : undefined;
    throw new LockFailedError(
      lockPath,
      "take the fcntl lock on",
      why ?? cause,
      why === undefined ? "" : hint,
    );
  }
  if (granted !== undefined) return granted;
  const why = `the binding in use (${current().name}) has no fcntl locks, which this layout needs beside flock. Use the addon.`;
  throw new LockUnsupportedError(lockPath, "fcntl", why);
}

/** What the system says to writing a lock file that was opened for reading, because it would not have it otherwise. */
function whyOnlyRead(lockPath: string): unknown {
  try {
    files.closeSync(files.openSync(lockPath, openFlags.O_RDWR | openFlags.O_NOFOLLOW | openFlags.O_NONBLOCK));
    return undefined;
  } catch (cause) {
    return cause;
  }
}

/**
 * Says who holds it, for people and for Gas Town's programs.
 *
 * @throws {UnsafePathError} the lock file has other names: what stands under those is not ours to write over.
 */
export function writePid(lockPath: string, fd: number): void {
  let names: bigint;
  try {
    ({ nlink: names } = files.fstatSync(fd));
    if (names <= 1n) {
      const text = Buffer.from(`${process.pid}\n`);
      files.ftruncateSync(fd, 0);
      files.writeSync(fd, text, 0, text.length, 0);
    }
  } catch (cause) {
    if (["EBADF", "EINVAL", "EROFS"].includes(osCodeOf(cause) ?? "")) return; // a lock we may only read is held all the same
    throw new LockFailedError(lockPath, "write the pid into", cause);
  }
  if (names > 1n)
    throw new UnsafePathError(
      lockPath,
      `the lock file has ${names} hard links, and writing the pid of its holder would change the other file, too. ` +
        "Remove this name while nobody holds the lock.",
    );
}
