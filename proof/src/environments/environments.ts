/**
 * T14: places where the system refuses (P10): no space, no inodes, read-only, no descriptors, not our directory. Each call ends
 * in a typed error, nothing is changed, and it works again once the obstacle is gone.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { chmodSync, lchownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closeEverything } from "../faults/nth-error.ts";
import { uidOfNobody } from "../harness/nobody.ts";
import { mountRefusal } from "../harness/mount-namespace.ts";
import { Program, type ProgramOptions } from "../harness/program.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { domainCalls } from "../hostile/domain-calls.ts";
import { publicCalls, type PublicCall } from "../hostile/public-calls.ts";
import { differences, treeDigest } from "../hostile/tree-digest.ts";
import { barePlaces } from "./bare-places.ts";
import { callNamed, dataFile, type CallEnding } from "./call-ending.ts";
import { fill, Mount } from "./mounts.ts";

const caller = new URL("caller.ts", import.meta.url);
const starvedCaller = new URL("starved-caller.ts", import.meta.url);
/** A call that is to be refused, and what it starts from. */
interface Refused {
  readonly name: string;
  /** Brings an empty directory to where the call works. */
  readonly prepare: (directory: string) => unknown;
  /** Whether its lock files say who holds them, which is nothing that is stored. */
  readonly locksTell: boolean;
}

const coreCall = (call: PublicCall): Refused => ({
  name: call.name,
  prepare: (directory) => writeFileSync(join(directory, dataFile), contentFor(call)),
  locksTell: false,
});
// Made once, by somebody who was not refused, they find what they need.
const domains = domainCalls.map(({ name }): Refused => ({ name, prepare: callNamed(name), locksTell: true }));
/** A line behind others needs no inode, where the lock file is there. */
const appending = new Set(["beads: create", "queue: enqueue"]);
const changing = [...publicCalls.filter(({ changes }) => changes).map(coreCall), ...domains];
const needingInodes = changing.filter(({ name }) => !appending.has(name));
const locking = [...publicCalls.filter(({ locks }) => locks).map(coreCall), ...domains];

export async function environments(context: PartContext): Promise<void> {
  const refusal = mountRefusal();
  if (refusal === undefined) await onMounts(context);
  else context.tally.skip("full and read-only file systems", refusal, 2 * changing.length + locking.length);
  await withoutDescriptors(context);
  await barePlaces(context);
  const nobody = uidOfNobody();
  if (typeof nobody === "number") await asNobody(context, nobody);
  else context.tally.skip("a directory of another user", nobody, locking.length);
}

/** The content a call of this kind can start from: a whole page, so that one byte more needs another. */
function contentFor({ kind }: PublicCall): string {
  const empty = '{"a":""}\n';
  return kind === "lock" ? empty : `{"a":"${"x".repeat(4096 - empty.length)}"}\n`;
}

async function onMounts({ tally, say }: PartContext): Promise<void> {
  await each("a full file system", changing, "size=256k", {
    obstruct: (mount) => fill(mount.fromOutside),
    clear: (mount) => rmSync(join(mount.fromOutside, "ballast")),
    says: /ENOSPC|no space|accepted \d+ of \d+ bytes/i,
  });
  await each("a file system without inodes", needingInodes, "size=1m,nr_inodes=64", {
    obstruct: (mount) => useUpInodes(mount.fromOutside),
    clear: (mount) => rmSync(join(mount.fromOutside, "inodes"), { recursive: true }),
    says: /ENOSPC|no space/i,
  });
  await each("a read-only file system", locking, "size=1m", {
    obstruct: (mount) => mount.remount("ro"),
    clear: (mount) => mount.remount("rw"),
    says: /EROFS|read-only/i,
  });

  async function each(
    name: string,
    calls: readonly Refused[],
    options: string,
    place: Obstacle,
  ): Promise<void> {
    for (const call of calls) {
      await withTemporaryDirectory(async (directory) => {
        const mount = await Mount.make(directory, options);
        try {
          await tally.check(`${name}: ${call.name}`, () => refusedThenDone(call, mount, place));
        } finally {
          await mount.end();
        }
      });
    }
    say(name);
  }
}

interface Obstacle {
  readonly obstruct: (mount: Mount) => void;
  readonly clear: (mount: Mount) => void;
  readonly says: RegExp;
}

async function refusedThenDone(
  call: Refused,
  mount: Mount,
  { obstruct, clear, says }: Obstacle,
): Promise<void> {
  if (call.locksTell) {
    const first = await callIn(call, mount.path, { through: mount.inside });
    equal(first.settled, "fulfilled", first.message);
  } else await call.prepare(mount.fromOutside);
  obstruct(mount);
  const before = treeDigest(mount.fromOutside);
  const ending = await callIn(call, mount.path, { through: mount.inside });
  equal(ending.settled, "refused", ending.message);
  match(ending.message, says);
  deepEqual(changesBy(call, before, mount.fromOutside), [], "the disk was changed");
  clear(mount);
  const later = await callIn(call, mount.path, { through: mount.inside });
  equal(later.settled, "fulfilled", later.message);
}

function useUpInodes(directory: string): void {
  mkdirSync(join(directory, "inodes"));
  try {
    for (let at = 0; ; at += 1) writeFileSync(join(directory, "inodes", String(at)), "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

async function withoutDescriptors({ tally, say }: PartContext): Promise<void> {
  for (const call of locking) {
    await withTemporaryDirectory(async (directory) => {
      const [place, other] = [join(directory, "place"), join(directory, "other")];
      for (const each of [place, other]) {
        mkdirSync(each);
        await call.prepare(each);
      }
      closeEverything();
      await tally.check(`no descriptors left: ${call.name}`, async () => {
        const program = Program.node(starvedCaller, [call.name, place, other], { maxDescriptors: 64 });
        const { starved, later } = JSON.parse(await program.line()) as Record<
          "starved" | "later",
          CallEnding
        >;
        await program.finish();
        equal(starved.settled, "refused", starved.message);
        match(starved.message, /EMFILE|too many open files/i);
        equal(later.settled, "fulfilled", later.message);
      });
    });
  }
  say("no descriptors left");
}

async function asNobody({ tally, say }: PartContext, uid: number): Promise<void> {
  for (const call of locking) {
    await withTemporaryDirectory(async (directory) => {
      chmodSync(directory, 0o755);
      await call.prepare(directory);
      closeEverything();
      const before = treeDigest(directory);
      await tally.check(`a directory of another user: ${call.name}`, async () => {
        const ending = await callIn(call, directory, { uid });
        equal(ending.settled, "refused", ending.message);
        match(ending.message, /EACCES|permission/i);
        deepEqual(changesBy(call, before, directory), [], "the disk was changed");
        giveAway(directory, uid);
        const later = await callIn(call, directory, { uid });
        equal(later.settled, "fulfilled", later.message);
      });
    });
  }
  say("a directory of another user");
}

function changesBy(
  { locksTell }: Refused,
  before: ReadonlyMap<string, string>,
  directory: string,
): readonly string[] {
  const withoutLocks = (digest: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map([...digest].filter(([name]) => !locksTell || !/\.(?:lock|flock|gate)$/.test(name)));
  return differences(withoutLocks(before), withoutLocks(treeDigest(directory)), "");
}

function giveAway(directory: string, uid: number): void {
  for (const name of ["", ...readdirSync(directory, { recursive: true, encoding: "utf8" })])
    lchownSync(join(directory, name), uid, uid);
}

async function callIn(call: Refused, directory: string, options: ProgramOptions): Promise<CallEnding> {
  const program = Program.node(caller, [call.name, directory], options);
  const ending = JSON.parse(await program.line()) as CallEnding;
  await program.finish();
  return ending;
}
