import { constants } from "node:os";

import { checkDescriptor, isExclusive } from "../arguments.ts";
import type { BindingName, FlockBinding } from "../binding.ts";
import { FlockSystemError } from "../errors.ts";
import { checkGrantWithFs } from "../grant-check.ts";
import { withPrepare } from "../prepare.ts";

/** The three calls that never block. */
export type NonBlockingOperation = "share" | "exclude" | "release";

const { EAGAIN, EWOULDBLOCK, EINTR } = constants.errno;

/**
 * A binding from one synchronous call that never blocks; it cannot wait, so callers poll.
 *
 * @param call - Performs the operation and returns 0 or the errno.
 */
export function nonBlockingBinding(
  name: BindingName,
  call: (fd: number, operation: NonBlockingOperation) => number,
): FlockBinding {
  const retry = (fd: number, operation: NonBlockingOperation): number => {
    for (;;) {
      const errno = call(fd, operation);
      if (errno !== EINTR) return errno;
    }
  };
  return withPrepare({
    name,
    canWait: false,
    waitSync: undefined,
    openLocked: undefined,
    closeLocked: undefined,
    ofd: undefined,
    tryLock(fd, mode) {
      checkDescriptor(fd);
      const errno = retry(fd, isExclusive(mode) ? "exclude" : "share");
      if (errno === 0) return true;
      if (errno === EAGAIN || errno === EWOULDBLOCK) return false;
      throw new FlockSystemError("lock", fd, errno);
    },
    unlock(fd) {
      checkDescriptor(fd);
      const errno = retry(fd, "release");
      if (errno !== 0) throw new FlockSystemError("unlock", fd, errno);
    },
    wait() {
      throw new TypeError(
        `the ${name} binding cannot wait in the kernel's queue: poll tryLock (canWait is false)`,
      );
    },
    checkGrant(fd, lockPath, dataPath) {
      checkDescriptor(fd);
      return checkGrantWithFs(fd, lockPath, dataPath);
    },
  });
}
