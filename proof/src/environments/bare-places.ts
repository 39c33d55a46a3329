/**
 * T14, places where something usual is missing and everything works all the same: no `/proc`, nothing may be executed, a umask
 * that hides everything from others or nothing. Lock files are for their owner alone, whatever the umask.
 */
import { equal } from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mountRefusal } from "../harness/mount-namespace.ts";
import type { PartContext } from "../harness/part.ts";
import { Program, type ProgramOptions } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { publicCalls, type PublicCall } from "../hostile/public-calls.ts";
import { dataFile, type CallEnding } from "./call-ending.ts";
import { Mount } from "./mounts.ts";

const caller = new URL("caller.ts", import.meta.url);
const locking = publicCalls.filter(({ locks }) => locks);
/** Nobody else sees it: it ends with the mount namespace. */
const withoutProc = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"];

export async function barePlaces({ tally, random, long, say }: PartContext): Promise<void> {
  const chosen = long ? locking : random.shuffled(locking).slice(0, 3);
  for (const umask of ["000", "077"]) {
    for (const call of chosen)
      await tally.check(`a umask of ${umask}: ${call.name}`, () =>
        inDirectory(async (path) => {
          await succeeds(call, path, { through: ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"] });
          equal((statSync(`${path}.lock`).mode & 0o777).toString(8), "600", "others may open the lock file");
          equal((statSync(path).mode & 0o777).toString(8), "640", "the mode of the file was not kept");
        }),
      );
  }
  const refusal = mountRefusal();
  if (refusal !== undefined)
    return tally.skip("without /proc, and where nothing may be executed", refusal, 2 * chosen.length);
  for (const call of chosen) {
    await tally.check(`without /proc: ${call.name}`, () =>
      inDirectory((path) => succeeds(call, path, { through: withoutProc })),
    );
    await tally.check(`where nothing may be executed: ${call.name}`, () =>
      withTemporaryDirectory(async (directory) => {
        const mount = await Mount.make(directory, "size=1m,noexec");
        try {
          writeFileSync(join(mount.fromOutside, dataFile), "{}\n");
          await succeeds(call, join(mount.path, dataFile), { through: mount.inside });
        } finally {
          await mount.end();
        }
      }),
    );
  }
  say("a umask, no /proc, nothing executed");
  return undefined;
}

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, dataFile);
    writeFileSync(path, "{}\n", { mode: 0o640 });
    await work(path);
  });
}

async function succeeds(call: PublicCall, path: string, options: ProgramOptions = {}): Promise<void> {
  const program = Program.node(caller, [call.name, dirname(path)], options);
  const { settled, message } = JSON.parse(await program.line()) as CallEnding;
  await program.finish();
  equal(settled, "fulfilled", message);
}
