import { closeSync, constants, existsSync, openSync } from "node:fs";
import { loadBinding } from "@flockwork/flock";

/** What the kernel says of a lock file, past all our queues. A missing file is free. */
export function rawLockIsFree(lockPath: string): boolean {
  if (!existsSync(lockPath)) return true;
  const fd = openSync(lockPath, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    return loadBinding().tryLock(fd, "exclusive");
  } finally {
    closeSync(fd);
  }
}
