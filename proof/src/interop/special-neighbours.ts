/** Neighbours that break a rule: one unlinks the lock file, two use record locks that flock does not see. */
import { equal } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, bindingInUse } from "../harness/core.ts";
import { findCommand } from "../harness/commands.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { compile, peerSource, skipAbsent } from "./neighbour.ts";
import { together } from "./together.ts";

/** Two of ours are never inside together, though a neighbour keeps unlinking the lock file between them. */
export async function besideUnlinker({ tally }: PartContext, times: number): Promise<void> {
  const what = "P1: beside a neighbour that unlinks the lock file, two of ours are never in together";
  if (findCommand("python3") === undefined) return skipAbsent(tally, what, "python3 is not installed");
  await tally.check(what, () =>
    withTemporaryDirectory(async (directory) => {
      const locks = join(directory, ".gastown", "locks");
      const data = join(directory, "data.json");
      mkdirSync(locks, { recursive: true });
      writeFileSync(data, "{}");
      const unlinker = [peerSource("unlinker.py"), join(locks, "data.json.lock")];
      const ours = Array.from({ length: 3 }, () =>
        Program.node(new URL("ours.ts", import.meta.url), ["alone", data, String(times)], {
          env: { PROOF_LAYOUT: "gastown" },
        }),
      );
      const neighbours = [0, 1].map(() => new Program("python3", unlinker));
      try {
        await together(ours);
      } finally {
        for (const neighbour of neighbours) neighbour.kill();
      }
      tally.count("sections_beside_unlinkers", ours.length * times);
    }),
  );
}

/** By design: record locks and flock do not exclude each other. Only a layout that declares such neighbours takes both. */
export async function besideRecordLocks({ tally }: PartContext): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const command = join(directory, "fcntl");
    const failure = compile("gcc", ["-O2", "-o", command, peerSource("fcntl.c")]);
    const lockers: readonly (readonly [name: string, command: readonly string[] | string])[] = [
      ["POSIX record locks", failure ?? [command, "posix"]],
      ["OFD locks", failure ?? [command, "ofd"]],
      ["fs-native-extensions", [process.execPath, peerSource("fs-native.mjs")]],
    ];
    const data = join(directory, "data");
    for (const [name, locker] of lockers) {
      if (typeof locker === "string") {
        skipAbsent(tally, name, locker, 2);
        continue;
      }
      for (const [layout, expected] of [
        ["sidecar", "granted"],
        ["todo2", "busy"],
      ] as const) {
        const what = `${name} beside our lock with layout ${layout}: ${expected}`;
        if (layout === "todo2" && bindingInUse() !== "addon") {
          tally.skip(what, "needs the addon");
          continue;
        }
        await tally.check(what, async () => {
          await using lock = await acquireLock(data, "exclusive", { layout });
          const [executable = "", ...leading] = locker;
          const program = new Program(executable, [...leading, "try", lock.lockPath]);
          equal(await program.line(), expected);
          await program.finish();
        });
      }
    }
  });
}
