/** jit's two kinds of write at once: of an issue alone, and of the index with an issue, beside ours, which takes both locks. */
import { equal } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { compileRust } from "./neighbour.ts";

const what =
  "jit's writes of an issue and of the index with an issue at once, beside ours: no deadlock, no loss";

/** One counter in an issue's file. Whoever took the issue's lock before the index's would wait for ever. */
export async function jitFleet({ tally }: PartContext, updates: number): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const command = compileRust(directory);
    if (typeof command === "string") return tally.skip(what, command);
    await tally.check(what, async () => {
      const [executable = ""] = command;
      const issue = join(directory, "issues", "i1.json");
      const [indexLock, issueLock] = [join(directory, ".index.lock"), join(directory, "issues", "i1.lock")];
      mkdirSync(join(directory, "issues"));
      writeFileSync(join(directory, "index.json"), "{}");
      writeFileSync(issue, "0");
      const each = String(Math.ceil(updates / 6));
      const theirs = (locks: string): Program => new Program(executable, ["count", locks, issue, each]);
      const ours = (): Program =>
        Program.node(new URL("ours.ts", import.meta.url), ["count", issue, issue, each], {
          env: { PROOF_LAYOUT: "jit" },
        });
      const both = `${indexLock}:${issueLock}`;
      await Program.finishAll([
        theirs(both),
        theirs(issueLock),
        ours(),
        theirs(both),
        theirs(issueLock),
        ours(),
      ]);
      equal(Number(readFileSync(issue, "utf8")), 6 * Number(each));
    });
  });
}
