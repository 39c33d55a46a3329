import { ok } from "node:assert/strict";
import { closeSync, constants, existsSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { loadBinding } from "@flockwork/flock";

/** What the kernel says of a lock file, past all our queues, of its flock and of its fcntl lock. A missing file is free. */
export function rawLockIsFree(lockPath: string): boolean {
  if (!existsSync(lockPath)) return true;
  const fd = openSync(lockPath, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const binding = loadBinding();
    return binding.tryLock(fd, "exclusive") && binding.ofd?.tryLock(fd, "exclusive") !== false;
  } finally {
    closeSync(fd);
  }
}

/** The kernel says that no lock file below the directory is held. */
export function verifyUnlocked(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /\.(lock|flock|gate)$/.test(path))
      ok(rawLockIsFree(path), `${path} is still locked`);
  }
}
