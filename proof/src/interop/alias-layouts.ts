/** P9 for each layout, on the files of the tools it is for: whoever names their directory by a link or a bind mount has the same lock. */
import { equal } from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LayoutName } from "../harness/core.ts";
import { MountNamespace, mountRefusal } from "../harness/mount-namespace.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { LockClerk } from "./lock-clerk.ts";

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

/** Each makes `to` another name of the directory `from`: here, or in the namespace that it returns. */
const aliases: Readonly<Record<string, (from: string, to: string) => Promise<MountNamespace | undefined>>> = {
  "a linked directory": (from, to) => {
    symlinkSync(from, to);
    return Promise.resolve(undefined);
  },
  "a bind mount of the directory": async (from, to) => {
    mkdirSync(to);
    const namespace = await MountNamespace.make();
    namespace.mount(["--bind", from, to]);
    return namespace;
  },
};

export async function aliasesOfLayouts({ tally }: Pick<PartContext, "tally">): Promise<void> {
  for (const [layout, directory, file] of places)
    for (const [name, make] of Object.entries(aliases)) {
      const what = `P9: ${name} leads to the same lock of ${directory}/${file} with layout ${layout}`;
      const refusal = name.includes("mount") ? mountRefusal() : undefined;
      if (refusal !== undefined) tally.skip(what, refusal);
      else
        await withTemporaryDirectory(async (root) => {
          const [from, to] = [join(root, directory), join(root, "alias")];
          mkdirSync(dirname(join(from, file)), { recursive: true });
          writeFileSync(join(from, file), "");
          const namespace = await make(from, to);
          const clerk = new LockClerk({ through: namespace?.inside ?? [] });
          await tally.check(what, async () => {
            await excludes(clerk, join(from, file), join(to, file), layout);
            await excludes(clerk, join(to, file), join(from, file), layout);
          });
          await clerk.end();
          await namespace?.end();
        });
    }
}

/** Within one process: what each path leads to is opened on its own, and it is the kernel that tells them apart, or not. */
async function excludes(clerk: LockClerk, one: string, other: string, layout: LayoutName): Promise<void> {
  equal(await clerk.take(one, { layout }), "granted");
  equal(await clerk.take(other, { layout }), "busy", "both were in");
  await clerk.release(one);
}
