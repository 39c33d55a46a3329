import { chmodSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pinLockDirectory } from "../harness/core.ts";
import { uidOfNobody } from "../harness/nobody.ts";

/** Who shares files with Gas Town's programs here, as options of a program: root may unlink in any directory, so not root. */
export function gastownUser(): { readonly uid?: number } | string {
  if (process.getuid?.() !== 0) return {};
  const uid = uidOfNobody();
  return typeof uid === "string" ? uid : { uid };
}

/** Lets anybody use a data file with Gas Town's lock. Pinned, its lock files cannot be removed. */
export function openGastownPlace(data: string, pinned: boolean): void {
  const directory = dirname(data);
  const locks = join(directory, ".gastown", "locks");
  mkdirSync(locks, { recursive: true });
  for (const path of [directory, join(directory, ".gastown"), locks]) chmodSync(path, 0o777);
  chmodSync(data, 0o666);
  if (!pinned) return;
  const { lockFiles } = pinLockDirectory(directory, [basename(data)]);
  for (const file of lockFiles) chmodSync(file, 0o666);
}
