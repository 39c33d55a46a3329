/**
 * T11: several processes find the lock of a dead one at the same moment. proper-lockfile looks at its age and then removes it, and
 * with it, now and then, the new one of somebody who was quicker: two hold it. Of ours the kernel has let go, and grants it once.
 */
import { equal, ok } from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const program = new URL("taker.ts", import.meta.url);
const takers = 4;
/** Files are used again once nobody can hold their lock any more. */
const places = 16;
const longAgo = new Date("2001-01-01T00:00:00Z");

type Whose = "ours" | "flowforge" | "proper-lockfile";

export interface TakeoverSizes {
  /** Locks of the dead that are raced for. */
  readonly ours: number;
  /** The same in FlowForge's layout, whose files name the dead. */
  readonly flowforge: number;
  /** As many at most, until two hold one. */
  readonly properLockfile: number;
}

export const takeoverSizes: Readonly<Record<"test" | "short" | "long", TakeoverSizes>> = {
  test: { ours: 200, flowforge: 30, properLockfile: 1_000 },
  short: { ours: 5_000, flowforge: 300, properLockfile: 1_000 },
  long: { ours: 100_000, flowforge: 2_000, properLockfile: 1_000 },
};

export async function takeover(context: PartContext): Promise<void> {
  await raceForTheDead(context, takeoverSizes[context.long ? "long" : "short"]);
}

export async function raceForTheDead({ tally, say }: PartContext, sizes: TakeoverSizes): Promise<void> {
  for (const name of ["takeovers", "double_grants", "theirs_after"]) tally.count(name, 0);
  const ours = [
    ["ours", sizes.ours],
    ["flowforge", sizes.flowforge],
  ] as const;
  for (const [whose, most] of ours) {
    await tally.check(
      `T11, P1: of ${takers} that race for the lock of a dead one, one gets it: ${whose}`,
      async () => {
        let granted = 0;
        const double = await race(whose, most, (grants, at) => {
          granted += grants;
          tally.count("takeovers");
          if (at % 10_000 === 0) say(`${whose}: ${at} locks of the dead`);
          return grants < 2;
        });
        if (double !== undefined) tally.count("double_grants");
        equal(double, undefined, `two of them held lock ${double}`);
        equal(granted, most, "there were locks of the dead that nobody got");
      },
    );
  }
  await tally.check("T11: proper-lockfile lets two of them in", async () => {
    const double = await race("proper-lockfile", sizes.properLockfile, (grants) => grants < 2);
    ok(
      double !== undefined,
      `not in ${sizes.properLockfile} tries: this race does not see what it is to see`,
    );
    tally.count("theirs_after", double);
  });
}

/** Until `goesOn` says no: then the number of that race. */
async function race(
  whose: Whose,
  most: number,
  goesOn: (grants: number, at: number) => boolean,
): Promise<number | undefined> {
  return await withTemporaryDirectory(async (directory) => {
    const leave = await dead[whose](directory);
    const running = Array.from({ length: takers }, () => Program.node(program, [whose]));
    try {
      for (const each of running) await each.expect("ready");
      for (let at = 1; at <= most; at += 1) {
        const path = leave(at % places);
        for (const each of running) each.tell(path);
        const answers = await Promise.all(running.map((each) => each.line()));
        const grants = answers.filter((answer) => answer === "1").length;
        if (!goesOn(grants, at)) return at;
      }
      for (const each of running) each.endInput();
      await Program.finishAll(running);
      return undefined;
    } finally {
      for (const each of running) each.kill();
    }
  });
}

/** Each makes what leaves a lock of a dead holder, and gives the file it is of. */
const dead: Readonly<
  Record<Whose, (directory: string) => Promise<(at: number) => string> | ((at: number) => string)>
> = {
  ours: (directory) => (at) => {
    const path = join(directory, `file-${at}`);
    // Every other one was tidied away and made anew, as scripts do with locks they think stale.
    if (at % 2 === 0) rmSync(`${path}.lock`, { force: true });
    writeFileSync(`${path}.lock`, "4711\n");
    utimesSync(`${path}.lock`, longAgo, longAgo);
    return path;
  },
  flowforge: async (directory) => {
    const [started, left] = [join(directory, "started"), join(directory, "left")];
    mkdirSync(join(started, ".flowforge"), { recursive: true });
    const holder = Program.node(program, ["flowforge"]);
    await holder.expect("ready");
    holder.tell(join(started, "file"));
    await holder.expect("1");
    cpSync(started, left, { recursive: true }); // as it is while the lock is held
    holder.kill();
    await holder.exited;
    return (at) => {
      const place = join(directory, `place-${at}`);
      rmSync(place, { recursive: true, force: true });
      cpSync(left, place, { recursive: true });
      return join(place, "file");
    };
  },
  "proper-lockfile": (directory) => (at) => {
    const path = join(directory, `file-${at}`);
    rmSync(`${path}.lock`, { recursive: true, force: true });
    mkdirSync(`${path}.lock`);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    return path;
  },
};
