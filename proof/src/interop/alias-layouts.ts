/** P9 for each layout, on the files of the tools it is for: whoever names their directory by a link or a bind mount has the same lock. */
import { equal } from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { acquireLock, tryAcquireLock, type LayoutName } from "../harness/core.ts";
import { runCommand } from "../harness/commands.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

/** The tool's directory, and a file in it. jit goes by the names of its directories: of those inside `.jit`, a mount must keep them. */
const places: readonly (readonly [layout: LayoutName, directory: string, file: string])[] = [
  ["gastown", "town", "state.json"],
  ["beads", ".beads", "issues.jsonl"],
  ["flowforge", ".flowforge", "tasks.json"],
  ["flowforge", ".flowforge/billing", "time-tracking.json"],
  ["jit", ".jit", "issues/i1.json"],
  ["jit", ".jit", "claims.jsonl"],
  ["todo2", ".todo2", "state.todo2.json"],
];

/** Each makes `to` another name of the directory `from`; otherwise says why not. */
const aliases: Readonly<Record<string, (from: string, to: string) => string | undefined>> = {
  "a linked directory"(from, to) {
    symlinkSync(from, to);
    return undefined;
  },
  "a bind mount of the directory"(from, to) {
    if (process.getuid?.() !== 0) return "only root can mount";
    mkdirSync(to);
    return runCommand("mount", ["--bind", from, to]);
  },
};

export async function aliasesOfLayouts({ tally }: Pick<PartContext, "tally">): Promise<void> {
  for (const [layout, directory, file] of places)
    for (const [name, make] of Object.entries(aliases)) {
      const what = `P9: ${name} leads to the same lock of ${directory}/${file} with layout ${layout}`;
      await withTemporaryDirectory(async (root) => {
        const [from, to] = [join(root, directory), join(root, "alias")];
        mkdirSync(dirname(join(from, file)), { recursive: true });
        writeFileSync(join(from, file), "");
        const failure = make(from, to);
        if (failure !== undefined) return tally.skip(what, failure);
        try {
          await tally.check(what, async () => {
            await excludes(join(from, file), join(to, file), layout);
            await excludes(join(to, file), join(from, file), layout);
          });
        } finally {
          if (name.includes("mount")) runCommand("umount", ["-l", to]);
        }
        return undefined;
      });
    }
}

/** Within one process: what each path leads to is opened on its own, and it is the kernel that tells them apart, or not. */
async function excludes(one: string, other: string, layout: LayoutName): Promise<void> {
  await using _ = await acquireLock(one, "exclusive", { layout });
  const second = await tryAcquireLock(other, "exclusive", { layout });
  await second?.release();
  equal(second, undefined, "both were in");
}
