/**
 * Fleets beside Gas Town's fork, whose programs unlink a lock file after unlocking it: exact where the lock directory is pinned; where
 * it is not, what its own programs lose among themselves, and beside ours, is measured.
 */
import { equal } from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { missing } from "./counter.ts";
import { gastownUser, openGastownPlace } from "./gastown-place.ts";
import { compileGo, gastownLock, skipAbsent } from "./neighbour.ts";
import { together } from "./together.ts";

/** Rows of the table in the documentation. */
export async function gastownFleets({ tally, say }: PartContext, updates: number): Promise<string[]> {
  const rows = ["| fleet | lock directory | updates | lost |", "| --- | --- | --- | --- |"];
  await withTemporaryDirectory(async (root) => {
    const command = compileGo(root, "gastown.go");
    if (typeof command === "string") return skipAbsent(tally, "fleets beside Gas Town's fork", command, 4);
    const user = gastownUser();
    if (typeof user === "string") return tally.skip("fleets beside Gas Town's fork", user, 4);
    chmodSync(root, 0o755);
    for (const pinned of [false, true]) {
      for (const [ours, theirs] of [
        [0, 4],
        [2, 2],
      ] as const) {
        const what = `${ours} of ours and ${theirs} of Gas Town's, lock directory ${pinned ? "pinned" : "as it is"}`;
        const each = Math.ceil(updates / (ours + theirs));
        let lost = Number.NaN;
        await tally.check(what, async () => {
          lost = await run(root, command, { ours, theirs, each, pinned, user });
          if (pinned) equal(lost, 0);
        });
        const fleet = `${ours} of ours, ${theirs} of theirs`;
        rows.push(`| ${fleet} | ${pinned ? "pinned" : "as it is"} | ${(ours + theirs) * each} | ${lost} |`);
        say(rows.at(-1) ?? "");
      }
    }
    return undefined;
  });
  return rows;
}

interface Fleet {
  readonly ours: number;
  readonly theirs: number;
  readonly each: number;
  readonly pinned: boolean;
  readonly user: { readonly uid?: number };
}

async function run(root: string, [command = ""]: readonly string[], fleet: Fleet): Promise<number> {
  const directory = mkdtempSync(join(root, "fleet-"));
  const [data, counter] = [join(directory, "data.json"), join(directory, "counter")];
  for (const file of [data, counter]) writeFileSync(file, "0");
  openGastownPlace(data, fleet.pinned);
  chmodSync(counter, 0o666);
  const theirs = Array.from(
    { length: fleet.theirs },
    () => new Program(command, ["count", gastownLock(data), counter, String(fleet.each)], fleet.user),
  );
  const ours = Array.from({ length: fleet.ours }, () =>
    Program.node(new URL("ours.ts", import.meta.url), ["count", data, counter, String(fleet.each)], {
      env: { PROOF_LAYOUT: "gastown" },
      ...fleet.user,
    }),
  );
  await together([...theirs, ...ours]);
  return missing(readFileSync(counter, "utf8"), fleet.ours * fleet.each, fleet.theirs * fleet.each);
}
