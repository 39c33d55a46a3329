/** Calls that look at locks, or tend what lies in a directory. What they cannot use they may pass over: whatever lies outside must stay. */
import { basename, dirname } from "node:path";
import {
  cleanStaleLocks,
  inspectLock,
  listDirectory,
  listLocks,
  networkFileSystemOf,
  pinLockDirectory,
  sweepStagedFiles,
  unpinLockDirectory,
} from "../harness/core.ts";
import type { PublicCall } from "./public-calls.ts";

/** Where a path has its file. What is no path is given as it is: its directory would be another's. */
function directoryOf(path: string): string {
  return typeof path === "string" && path !== "" && !path.includes("\0") ? dirname(path) : path;
}

const call = (
  name: string,
  run: PublicCall["run"],
  rest: Pick<PublicCall, "changes"> & Partial<PublicCall> = { changes: false },
): PublicCall => ({ name, kind: "lock", locks: true, passesOver: () => true, run, ...rest });

/** It can be used again afterwards, and removed by whoever is not root. */
function pinned(path: string): void {
  const directory = directoryOf(path);
  try {
    pinLockDirectory(directory, [typeof path === "string" ? basename(path) : path]);
  } catch (error) {
    try {
      unpinLockDirectory(directory);
    } catch {
      // the first refusal is told
    }
    throw error;
  }
  unpinLockDirectory(directory);
}

export const tendingCalls: readonly PublicCall[] = [
  call("inspectLock", (path) => inspectLock(path)),
  call("listLocks", (path) => listLocks(directoryOf(path))),
  call("listDirectory", (path) => listDirectory(directoryOf(path))),
  call("networkFileSystemOf", (path) => networkFileSystemOf(path)),
  call("cleanStaleLocks", (path) => cleanStaleLocks(directoryOf(path))),
  call("sweepStagedFiles", (path) => sweepStagedFiles(directoryOf(path), { timeoutMs: 500 }), {
    changes: true,
    kind: "bytes",
    passesOver: (what) => !what.includes("interrupted transact"),
  }),
  call("pinLockDirectory, unpinLockDirectory", pinned),
];
