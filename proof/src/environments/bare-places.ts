/**
 * T14, places where something usual is missing and everything works all the same: no `/proc`, a umask that hides everything
 * from others or nothing, nothing may be executed. Lock files are for their owner alone, whatever the umask.
 */
import { equal, match } from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findCommand } from "../harness/commands.ts";
import { mountRefusal } from "../harness/mount-namespace.ts";
import type { PartContext } from "../harness/part.ts";
import { Program, type ProgramOptions } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { domainCalls, type DomainCall } from "../hostile/domain-calls.ts";
import { publicCalls, type PublicCall } from "../hostile/public-calls.ts";
import { dataFile, type CallerEnding } from "./call-ending.ts";
import { Mount } from "./mounts.ts";

const caller = new URL("caller.ts", import.meta.url);
const repository = fileURLToPath(new URL("../../../", import.meta.url));
/** Nobody else sees it: it ends with the mount namespace. */
const withoutProc = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"];

/** A call that takes a lock. */
interface Locking {
  readonly name: string;
  /** Brings an empty directory to where the call works. */
  prepare(directory: string): void;
  /** What others may do with the files that it leaves. */
  verifyModes(directory: string): void;
  /** What it starts from stands, to the byte. */
  verifyUnchanged(directory: string): void;
  /** Set where flock(2) alone is not enough. */
  readonly needsAddon: boolean;
}

const locking = publicCalls.filter(({ locks }) => locks).map(ofCore);
const changing = domainCalls.map(ofDomain);

function ofCore({ name }: PublicCall): Locking {
  return {
    name,
    prepare: (directory) => writeFileSync(join(directory, dataFile), "{}\n", { mode: 0o640 }),
    verifyModes(directory) {
      equal(modeOf(join(directory, `${dataFile}.lock`)), "600", "others may open the lock file");
      equal(modeOf(join(directory, dataFile)), "640", "the mode of the file was not kept");
    },
    verifyUnchanged: (directory) => equal(readFileSync(join(directory, dataFile), "utf8"), "{}\n"),
    needsAddon: false,
  };
}

function ofDomain({ name, data, locks }: DomainCall): Locking {
  return {
    name,
    prepare: () => undefined,
    verifyModes(directory) {
      for (const lock of locks) {
        const mode = modeOf(join(directory, lock));
        match(mode ?? "600", /^.[0145]{2}$/, `others may write ${lock}`);
      }
    },
    verifyUnchanged(directory) {
      for (const each of data) equal(modeOf(join(directory, each)), undefined, `${each} was made`);
    },
    needsAddon: name.startsWith("todo2"),
  };
}

/** Undefined: it is not there. */
function modeOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : (stats.mode & 0o777).toString(8);
}

export async function barePlaces({ tally, random, long, say }: PartContext): Promise<void> {
  const chosen = long
    ? [...locking, ...changing]
    : [...random.shuffled(locking).slice(0, 3), random.pick(changing)];
  for (const umask of ["000", "077"]) {
    for (const call of chosen)
      await tally.check(`a umask of ${umask}: ${call.name}`, () =>
        withTemporaryDirectory(async (directory) => {
          call.prepare(directory);
          await succeeds(call, directory, { through: ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"] });
          call.verifyModes(directory);
        }),
      );
  }
  const refusal = mountRefusal();
  if (refusal !== undefined)
    return tally.skip("without /proc, and where nothing may be executed", refusal, 3 * chosen.length);
  for (const call of chosen) {
    await tally.check(`without /proc: ${call.name}`, () =>
      withTemporaryDirectory(async (directory) => {
        call.prepare(directory);
        await succeeds(call, directory, { through: withoutProc });
      }),
    );
    await tally.check(`where nothing may be executed: ${call.name}`, () =>
      whereNothingIsExecuted(call, async (ending) => {
        if (findCommand("flock") === undefined || call.needsAddon) return verifyUnsupported(await ending());
        const { settled, message, binding } = await ending();
        equal(settled, "fulfilled", message);
        equal(binding, "flock-command"); // a program of the system's: nothing that Node would have to map
      }),
    );
    await tally.check(`where nothing may be executed, and the addon is insisted on: ${call.name}`, () =>
      whereNothingIsExecuted(call, async (ending, directory) => {
        verifyUnsupported(await ending({ FLOCKWORK_FLOCK_BINDING: "addon" }));
        call.verifyUnchanged(directory);
      }),
    );
  }
  say("a umask, no /proc, nothing executed");
  return undefined;
}

function verifyUnsupported({ settled, message }: CallerEnding): void {
  equal(settled, "refused", message);
  match(message, /^ERR_LOCK_UNSUPPORTED .*(?:npm install|apt-get install|Use the addon)/s);
}

/** The data is on a file system that executes nothing, and so are the packages with their addon and whatever they depend on. */
async function whereNothingIsExecuted(
  call: Locking,
  work: (ending: (env?: Record<string, string>) => Promise<CallerEnding>, directory: string) => Promise<void>,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const mount = await Mount.make(directory, "size=1m,noexec");
    try {
      const packages = mount.bind(repository, "ro,noexec");
      const program = pathToFileURL(join(packages, caller.pathname.slice(repository.length)));
      call.prepare(mount.fromOutside);
      await work(
        (env = {}) => endingOf(program, call, mount.path, { env, through: mount.inside }),
        mount.fromOutside,
      );
    } finally {
      await mount.end();
    }
  });
}

async function succeeds(call: Locking, directory: string, options: ProgramOptions): Promise<void> {
  const { settled, message } = await endingOf(caller, call, directory, options);
  equal(settled, "fulfilled", message);
}

async function endingOf(
  file: URL,
  { name }: Locking,
  directory: string,
  options: ProgramOptions,
): Promise<CallerEnding> {
  const program = Program.node(file, [name, directory], options);
  const ending = JSON.parse(await program.line()) as CallerEnding;
  await program.finish();
  return ending;
}
