/** P3, off the system calls themselves: nothing gets the name of what is read, and nothing is acknowledged, before the syncs it needs. */
import { equal } from "node:assert/strict";
import { basename, join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { act } from "./act.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { diskEvents, type DiskCall, type DiskEvent } from "./disk-calls.ts";
import { DiskState } from "./disk-state.ts";
import { inFreshDirectory } from "./in-fresh-directory.ts";
import { interrupt } from "./interrupt.ts";

/** Every operation once, its calls listed by strace. */
export async function checkSyncs(
  { tally }: PartContext,
  root: string,
  operations: readonly CrashOperation[],
): Promise<void> {
  tally.count("syncs", 0);
  for (const operation of operations) {
    const startFrom = await interrupt(operation, root);
    const what = `P3: ${operation.name}: what is acknowledged was synced before`;
    const reason = await inFreshDirectory(root, async (directory) => {
      const done = await act(operation, directory, 0, undefined, { startFrom });
      if (typeof done === "string") return done;
      await tally.check(what, () => {
        equal(done.acknowledged, "done", "it does not work at all");
        const files = operation.files.map((file) => join(done.directory, file));
        const { problems, syncs } = judgeSyncs(diskEvents(done.lines), files);
        tally.count("syncs", syncs);
        if (problems.length > 0) throw new Error(problems.join("\n"));
      });
      return undefined;
    });
    if (reason !== undefined) return tally.skip(what, reason);
  }
}

/** What was done too early, in words. `files` are those that are written and acknowledged. */
export function judgeSyncs(
  events: readonly DiskEvent[],
  files: readonly string[],
): { readonly problems: readonly string[]; readonly syncs: number } {
  const disk = new DiskState();
  const problems: string[] = [];
  /** The record of a commit of several files, once it has its name. */
  let record: string | undefined;
  let syncs = 0;
  for (const event of events) {
    const { call, at } = event;
    if (at === "begin") {
      for (const rule of [renamesDurable, appliesDurable(record, files), forgetsDurable(record, files)])
        problems.push(...rule(call, disk).map((problem) => `${problem}: ${call.text}`));
      if (isRecord(call.paths[1]) && call.name.startsWith("rename")) record = call.paths[1];
      if (call.name.startsWith("unlink") && call.paths[0] === record) record = undefined; // what follows is no part of it
    } else if (/^f(?:data)?sync$/.test(call.name)) syncs += 1;
    disk.apply(event);
  }
  for (const file of files) {
    const doubt = disk.doubt(file);
    if (doubt !== undefined) problems.push(`${basename(file)} was acknowledged, and ${doubt}`);
  }
  return { problems, syncs };
}

type Rule = (call: DiskCall, disk: DiskState) => readonly string[];

/** What gets a name that is read is durable by then. Locks are not: they mean nothing after a loss of power. */
const renamesDurable: Rule = ({ name, paths: [from = "", to = ""] }, disk) => {
  if (!name.startsWith("rename") || /\.lock\b|\.locks\b|\.broken-/.test(to)) return [];
  // A commit of several files is made by its record's name: everything that is staged belongs to it.
  const renamed = isRecord(to) ? disk.lossy().filter((path) => path.endsWith(".staged")) : [from];
  return renamed
    .filter((path) => disk.content(path)?.isDurable === false)
    .map((path) => `${basename(path)} is renamed, or committed, before its bytes are synced`);
};

/** Nothing of a commit is applied before the commit itself is durable. */
function appliesDurable(record: string | undefined, files: readonly string[]): Rule {
  return ({ name, fd, paths }, disk) => {
    if (record === undefined || disk.isNameDurable(record)) return [];
    const changed = name.startsWith("rename") ? paths[1] : /write/.test(name) ? disk.pathOf(fd) : undefined;
    if (changed === undefined || !files.includes(changed)) return [];
    return [`${basename(changed)} is changed before the commit's record is durable`];
  };
}

/** A commit is forgotten when everything it says is done for good. */
function forgetsDurable(record: string | undefined, files: readonly string[]): Rule {
  return ({ name, paths: [path = ""] }, disk) => {
    if (!name.startsWith("unlink") || path !== record) return [];
    return files.flatMap((file) => {
      const doubt = disk.doubt(file);
      return doubt === undefined ? [] : [`the commit's record goes, and of ${basename(file)} ${doubt}`];
    });
  };
}

/** The record of a commit, not the link that leads to it. */
function isRecord(path: string | undefined): boolean {
  return path !== undefined && /\/\.[0-9a-f]{32}\.intent$/.test(path);
}
