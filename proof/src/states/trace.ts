/** Runs a sequence of operations and tells what the last of them did to the disk. */
import { deepEqual } from "node:assert/strict";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { closeAppendFiles } from "../harness/core.ts";
import type { Random } from "../harness/random.ts";
import { crashStates, diskOf, type Entry } from "./crash-states.ts";
import { afterData, Disk } from "./disk.ts";
import { type DiskEvent, root } from "./event.ts";
import { judge } from "./judge.ts";
import type { Operation } from "./operations.ts";
import { Recorder } from "./recorder.ts";
import {
  isCommitted,
  materialise,
  type MemberName,
  memberNames,
  type Members,
  openMembers,
  readWorld,
  type Shape,
  type World,
} from "./world.ts";

/**
 * One operation of a sequence, and how it ends: `done`, acknowledged; `died`, its process was killed at a change of the disk, and
 * what it had written but not synced is still only in memory; `power`, the power went there, and came back.
 */
export interface Step {
  readonly operation: Operation;
  readonly end: "done" | "died" | "power";
}

export interface Sequence {
  readonly shape: Shape;
  readonly steps: readonly Step[];
}

/** What the last operation of a sequence did. */
export interface Trace {
  /** The disk before it, with what others had left unsynced. */
  readonly disk: Disk;
  readonly events: readonly DiskEvent[];
  readonly operation: Operation;
  /** What may be there as long as it is not acknowledged, itself apart; and once it is. */
  readonly before: readonly World[];
  readonly after: readonly World[];
  /** Torn tails of the log that were found on the way. */
  readonly tails: readonly string[];
  /** Whether somebody died before whose changes of names are not durable yet. */
  readonly hasDied: boolean;
  /** Whether somebody died whose lines nobody has made durable since: a part of them may be lost. */
  readonly hasLooseLines: boolean;
}

/** Performs it in `scratch`. */
export async function trace({ shape, steps }: Sequence, scratch: string, random: Random): Promise<Trace> {
  let disk = new Disk();
  let directory = "";
  let session: { readonly members: Members; readonly recorder: Recorder } | undefined;
  let syncs = 0;
  let before: readonly World[] = [nothing];
  const tails: string[] = [];
  let hasDied = false;
  let hasLooseLines = false;
  for (const [at, { operation, end }] of steps.entries()) {
    if (session === undefined) {
      directory = join(mkdtempSync(join(scratch, "trace-")), "work");
      materialise(cachedEntries(disk), directory);
      session = { members: openMembers(directory, shape), recorder: new Recorder(directory, disk, syncs) };
    }
    const { members, recorder }: typeof session = session;
    const detach = recorder.attach();
    try {
      await operation.run(members, at + 1);
    } finally {
      detach();
    }
    const events = recorder.acknowledged();
    syncs = recorder.syncs;
    const done = readWorld(directory, shape);
    const after = alternatives(done, before, operation);
    if (at === steps.length - 1) {
      closeAppendFiles();
      verifyModel(disk, events, directory);
      return { disk, events, operation, before, after, tails, hasDied, hasLooseLines };
    }
    if (end === "done") {
      for (const event of events) disk.apply(event);
      before = after;
      if (operation.changesNothing !== true && operation.touches.includes("events")) hasLooseLines = false;
      continue;
    }
    closeAppendFiles();
    session = undefined;
    for (const event of events.slice(0, random.between(1, events.length - 1))) disk.apply(event);
    before = [...before, ...after];
    if (end === "died") {
      hasDied = true;
      hasLooseLines ||= operation.appendsLines === true;
      continue;
    }
    const state = random.pick(crashStates(disk, 64, "in order", random).states.filter(isReadable));
    const { world } = await judge(
      state,
      { shape, worlds: before, mayHoldPart: operation.appendsLines === true },
      scratch,
    );
    before = [world];
    if (!isCommitted(state.entries)) tails.push(tailIn(state.entries));
    disk = diskOf(state.entries, new Disk());
  }
  throw new RangeError("a sequence has at least one step");
}

const nothing: World = { left: undefined, right: undefined, events: undefined };

function tailIn(entries: readonly Entry[]): string {
  const log = entries.find(({ path }) => path.endsWith("events.jsonl"))?.content.toString("latin1") ?? "";
  return log.slice(log.lastIndexOf("\n") + 1);
}

/** Damage in the middle of a log is a matter of its own: no sequence goes on from it. */
function isReadable({ entries }: { readonly entries: readonly Entry[] }): boolean {
  const log = entries.find(({ path }) => path.endsWith("events.jsonl"))?.content ?? Buffer.alloc(0);
  return !log.subarray(0, log.lastIndexOf("\n")).includes(0);
}

/** What was acknowledged, beside what nobody has made durable yet of files it has nothing to do with. */
function alternatives(
  done: World,
  before: readonly World[],
  { touches, changesNothing }: Operation,
): readonly World[] {
  if (changesNothing === true) return [...before, done]; // who changes nothing makes nothing durable
  const untouched = memberNames.filter((name: MemberName) => !touches.includes(name));
  // What was interrupted and nobody has finished yet may be finished later, all of it.
  const found = [done];
  for (const world of before)
    found.push({ ...done, ...Object.fromEntries(untouched.map((name) => [name, world[name]])) });
  for (const name of untouched) {
    const contents = new Set(before.map((world) => world[name]));
    for (const content of contents) if (content !== done[name]) found.push({ ...done, [name]: content });
  }
  return found;
}

/** What processes see. */
export function cachedEntries(disk: Disk): Entry[] {
  const entries: Entry[] = [];
  const walk = (directory: number, prefix: string): void => {
    for (const [name, id] of disk.namesNow(directory)) {
      const file = disk.file(id);
      const content =
        file.what === "symlink" ? Buffer.from(file.text) : afterData(file.data, file.dataChanges);
      entries.push({ path: prefix + name, what: file.what, content });
      if (file.what === "directory") walk(id, `${prefix}${name}/`);
    }
  };
  walk(root, "");
  return entries;
}

/** The instrument itself: the model says what the kernel says, so no change went past it. */
function verifyModel(before: Disk, events: readonly DiskEvent[], directory: string): void {
  const disk = before.copy();
  for (const event of events) disk.apply(event);
  const modelled = cachedEntries(disk).map(
    ({ path, content }) => [path, content.toString("latin1")] as const,
  );
  const real = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => !/\.(?:lock|gate)$/.test(path))
    .map((path): readonly [string, string] => {
      const stats = lstatSync(join(directory, path));
      if (stats.isDirectory()) return [path, ""];
      return [
        path,
        stats.isSymbolicLink()
          ? readlinkSync(join(directory, path))
          : readFileSync(join(directory, path), "latin1"),
      ];
    });
  deepEqual(
    new Map(modelled.toSorted(byPath)),
    new Map(real.toSorted(byPath)),
    "the model does not explain the disk",
  );
}

function byPath([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}
