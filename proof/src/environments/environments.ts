/**
 * T14: places where the system refuses (P10): no space, no inodes, read-only, no descriptors, not our directory. Each call ends
 * in a typed error, nothing is changed, and it works again once the obstacle is gone.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { uidOfNobody } from "../harness/nobody.ts";
import { mountRefusal } from "../harness/mount-namespace.ts";
import { Program, type ProgramOptions } from "../harness/program.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { publicCalls, type PublicCall } from "../hostile/public-calls.ts";
import { differences, treeDigest } from "../hostile/tree-digest.ts";
import { barePlaces } from "./bare-places.ts";
import type { CallEnding } from "./call-ending.ts";
import { fill, Mount } from "./mounts.ts";

const caller = new URL("caller.ts", import.meta.url);
const starvedCaller = new URL("starved-caller.ts", import.meta.url);
const changing = publicCalls.filter(({ changes }) => changes);
const locking = publicCalls.filter(({ locks }) => locks);

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
    says: /ENOSPC|no space/i,
  });
  await each("a file system without inodes", changing, "size=1m,nr_inodes=64", {
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
    calls: readonly PublicCall[],
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
  call: PublicCall,
  mount: Mount,
  { obstruct, clear, says }: Obstacle,
): Promise<void> {
  const path = join(mount.path, "data");
  writeFileSync(join(mount.fromOutside, "data"), contentFor(call));
  obstruct(mount);
  const before = treeDigest(mount.fromOutside);
  const ending = await callIn(call, path, { through: mount.inside });
  equal(ending.settled, "refused", ending.message);
  match(ending.message, says);
  deepEqual(differences(before, treeDigest(mount.fromOutside), ""), [], "the disk was changed");
  clear(mount);
  const later = await callIn(call, path, { through: mount.inside });
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
      const [path, other] = [join(directory, "data"), join(directory, "other")];
      for (const file of [path, other]) writeFileSync(file, contentFor(call));
      await tally.check(`no descriptors left: ${call.name}`, async () => {
        const program = Program.node(starvedCaller, [call.name, path, other], { maxDescriptors: 64 });
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
      const path = join(directory, "data");
      writeFileSync(path, contentFor(call));
      const before = treeDigest(directory);
      await tally.check(`a directory of another user: ${call.name}`, async () => {
        const ending = await callIn(call, path, { uid });
        equal(ending.settled, "refused", ending.message);
        match(ending.message, /EACCES|permission/i);
        deepEqual(differences(before, treeDigest(directory), ""), [], "the disk was changed");
        chownSync(directory, uid, uid);
        chownSync(path, uid, uid);
        const later = await callIn(call, path, { uid });
        equal(later.settled, "fulfilled", later.message);
      });
    });
  }
  say("a directory of another user");
}

async function callIn(call: PublicCall, path: string, options: ProgramOptions): Promise<CallEnding> {
  const program = Program.node(caller, [call.name, path], options);
  const ending = JSON.parse(await program.line()) as CallEnding;
  await program.finish();
  return ending;
}
