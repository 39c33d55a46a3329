import { fstatSync } from "node:fs";

import { checkDescriptor, checkFlaws } from "./arguments.ts";
import type { FlockBinding } from "./binding.ts";
import { FlockSystemError } from "./errors.ts";
import { GrantCheck } from "./grant-check.ts";

/** In bytes. Linux takes no longer one, and the addon says so at once. */
const longestPath = 4095;

/** Adds `prepare` to a binding without a native one: an attempt is its `tryLock`, its `checkGrant` and its `unlock`. */
export function withPrepare(binding: Omit<FlockBinding, "prepare">): FlockBinding {
  return {
    ...binding,
    prepare(fd, lockPath, dataPath, ignoredFlaws = 0) {
      checkDescriptor(fd);
      checkFlaws(ignoredFlaws);
      checkPreparable(fd, lockPath, dataPath);
      return {
        wait: undefined,
        attempt(mode) {
          const granted = binding.tryLock(fd, mode);
          let found: number | undefined;
          try {
            found = binding.checkGrant(fd, lockPath, dataPath) & ~ignoredFlaws;
          } finally {
            if (granted && found !== GrantCheck.ok) binding.unlock(fd);
          }
          return granted ? found : found | GrantCheck.busy;
        },
      };
    },
  };
}

function checkPreparable(fd: number, ...paths: readonly string[]): void {
  for (const path of paths) {
    if (typeof path !== "string" || path.includes("\0")) throw new FlockSystemError("prepare", fd, "EINVAL");
    if (Buffer.byteLength(path) > longestPath) throw new FlockSystemError("prepare", fd, "ENAMETOOLONG");
  }
  try {
    fstatSync(fd);
  } catch (cause) {
    throw new FlockSystemError("prepare", fd, (cause as NodeJS.ErrnoException).code ?? "EIO", { cause });
  }
}
