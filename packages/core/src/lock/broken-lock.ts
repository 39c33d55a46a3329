/** The lock of a dead process while it is broken: moved aside first, so that of several who break it one has it. */
import { randomBytes } from "node:crypto";
import { files } from "../platform/file-system.ts";

const brokenName = /\.broken-[0-9a-f]{32}$/;
/** Who breaks a lock has it aside for some milliseconds; after this it was killed, or could not remove it. */
const leftMs = 60_000;

export function brokenLockName(path: string): string {
  return `${path}.broken-${randomBytes(16).toString("hex")}`;
}

export function isBrokenLockName(name: string): boolean {
  return brokenName.test(name);
}

/** Whether whoever broke it has left it. When it was moved is what its status tells: its content was written long before. */
export function isLeftBroken(path: string): boolean {
  const stats = files.lstatSync(path);
  return stats !== undefined && Date.now() - Number(stats.ctimeMs) > leftMs;
}
