import { deepEqual } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const fixtures = new URL("../../../packages/tasks/test/fixtures/", import.meta.url);

/** FlowForge scripts of the old kind, with either of their locks, beside ours on one file: no update is lost. */
export async function oldScripts({ tally, say }: PartContext, updates: number): Promise<void> {
  for (const kind of ["json", "mkdir"]) {
    const what = `P1: ${updates} updates of an old FlowForge script (${kind} lock) and of ours are all there`;
    say(what);
    await tally.check(what, () =>
      withTemporaryDirectory(async (directory) => {
        const file = join(directory, ".flowforge/tasks.json");
        mkdirSync(join(directory, ".flowforge"));
        writeFileSync(file, JSON.stringify({ tasks: [{ id: 1, count: 0 }], milestones: [] }, null, 2));
        const [theirs, ours] = [updates / 2, updates / 4];
        await Program.finishAll([
          Program.node(new URL("old-script.ts", fixtures), [directory, kind, "old", `${theirs}`]),
          ...["x", "y"].map((name) =>
            Program.node(new URL("update-tasks.ts", fixtures), [directory, name, `${ours}`]),
          ),
        ]);
        const { tasks } = JSON.parse(readFileSync(file, "utf8")) as {
          tasks: { id: number | string; count: number }[];
        };
        const counts = Object.fromEntries(tasks.map(({ id, count }) => [id, count]));
        deepEqual(counts, { 1: theirs + 2 * ours, "by old": theirs, "by x": ours, "by y": ours });
      }),
    );
  }
}
