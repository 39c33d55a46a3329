/** What an acknowledgement is held to, and an error that says that nothing was changed, before anybody else writes. */
import { deepEqual, notDeepEqual } from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { closeIdleLocks, withWriteLock, type LockLayout } from "../../harness/core.ts";
import type { DomainOperation } from "./domain-operation.ts";
import { fileTree, filesAsTheyAre } from "./file-tree.ts";

export interface Standing {
  /** As the package tells it, where that is asked; else {@link settled}. */
  readonly told: unknown;
  /** Without what chance and the clock choose. */
  readonly settled: unknown;
  /** To the byte: of a heartbeat, say, nothing but the time is new. */
  readonly exact: readonly string[];
}

/** What whoever takes the locks next finds in a directory, which stays as it is: a copy is looked at. */
export async function standingOf({ read }: DomainOperation, directory: string): Promise<Standing> {
  const copy = `${directory}-seen`;
  // Nobody holds a lock of the copy; that of a living process who could not remove it would be waited for.
  const filter = (path: string): boolean => !/\.(?:lock|gate|flock)$|\.lock\.[^/]+$/.test(path);
  cpSync(directory, copy, { recursive: true, verbatimSymlinks: true, filter });
  try {
    await finishCommits(copy);
    const exact = filesAsTheyAre(copy);
    const isDatabase = exact.some((file) => /^[^\n]*\.db\n/.test(file));
    const tree = fileTree(copy, true).filter((file) => !file.endsWith("\n") || file.trimEnd().includes("\n")); // an empty log is as good as none
    const told = read === undefined ? tree : await readOrRefused(read, copy);
    return plain({ told, settled: isDatabase ? told : tree, exact });
  } finally {
    closeIdleLocks();
    rmSync(copy, { recursive: true, force: true });
  }
}

function plain(standing: Standing): Standing {
  return JSON.parse(JSON.stringify(standing)) as Standing;
}

async function readOrRefused(read: (directory: string) => unknown, directory: string): Promise<unknown> {
  try {
    return await read(directory);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code === "string" && code.startsWith("ERR_")) return code; // a database that is not made yet
    throw error;
  }
}

/** @throws {AssertionError} the call was acknowledged, and what stands is not what it leaves where nothing fails. */
export function verifyMade(name: string, found: Standing, before: Standing, after: Standing): void {
  deepEqual(found.settled, after.settled, `${name}: acknowledged, and does not stand`);
  if (JSON.stringify(before.exact) !== JSON.stringify(after.exact))
    notDeepEqual(found.exact, before.exact, `${name}: acknowledged, and nothing was written`);
}

/** Takes the lock of each member of a commit that was interrupted: whoever does finishes it. */
async function finishCommits(directory: string): Promise<void> {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!/^\.[0-9a-f]{32}\.intent$/.test(entry.name)) continue;
    const record = join(entry.parentPath, entry.name);
    const { members } = JSON.parse(readFileSync(record, "utf8").split("\n")[0] ?? "") as {
      readonly members: readonly {
        readonly file: string;
        readonly layout: string;
        readonly locks: readonly string[];
      }[];
    };
    for (const { file, layout: name, locks } of members) {
      const legOf = (path: string) =>
        ({ kind: "flock", path: resolve(dirname(record), path), createDirectory: true }) as const;
      const [first = "", ...rest] = locks;
      const layout: LockLayout = { name, locate: () => ({ legs: [legOf(first), ...rest.map(legOf)] }) };
      await withWriteLock(resolve(dirname(record), file), () => undefined, { layout });
    }
  }
}
