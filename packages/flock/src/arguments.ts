import { inspect } from "node:util";

import type { LockMode } from "./binding.ts";
import { GrantCheck } from "./grant-check.ts";

/** Misuse is a TypeError that names the argument, before anything reaches the kernel. */
export function checkDescriptor(fd: number): void {
  if (Number.isInteger(fd) && fd >= 0 && fd <= 0x7fff_ffff) return;
  throw new TypeError(`fd must be a descriptor number from openSync, not ${inspect(fd)}`);
}

/** Whether the mode is exclusive; anything but the two modes is a TypeError. */
export function isExclusive(mode: LockMode): boolean {
  if (mode === "exclusive") return true;
  if (mode === "shared") return false;
  throw new TypeError(`mode must be "shared" or "exclusive", not ${inspect(mode)}`);
}

/** Zero, a positive number, or Infinity. */
export function checkTimeout(timeoutMs: number): void {
  if (typeof timeoutMs === "number" && timeoutMs >= 0) return;
  throw new RangeError(`timeoutMs must be zero or more milliseconds, or Infinity, not ${inspect(timeoutMs)}`);
}

/** The permission bits of a file that may have to be created. */
export function checkFileMode(fileMode: number): void {
  if (Number.isInteger(fileMode) && fileMode >= 0 && fileMode <= 0o777) return;
  throw new RangeError(`fileMode must be permission bits such as 0o600, not ${inspect(fileMode)}`);
}

/** What may be ignored: bits of {@link GrantCheck}, but not that somebody else holds the lock. */
export function checkFlaws(flaws: number): void {
  if (Number.isInteger(flaws) && flaws >= 0 && flaws < GrantCheck.busy) return;
  throw new RangeError(`ignoredFlaws must be a sum of GrantCheck bits below busy, not ${inspect(flaws)}`);
}
