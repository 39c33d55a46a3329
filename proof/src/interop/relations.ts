/** Processes that belong together: a child forked while a lock is held, a cluster, the package loaded twice. */
import { equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyCore } from "../counter/copy-packages.ts";
import { acquireLock, type LayoutName } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const program = (name: string): URL => new URL(`relations/${name}.ts`, import.meta.url);

const forks = [
  ["sidecar", "async", "dies"],
  ["sidecar", "sync", "gives it back"],
  ["flowforge", "async", "dies"],
] as const;

async function forkInside(layout: LayoutName, way: string, end: string): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const data = join(directory, "data");
    const parent = Program.node(program("fork-inside"), [data, layout, way]);
    const child = Number(await parent.line());
    try {
      if (end === "dies") parent.kill();
      else {
        parent.tell("give it back");
        await parent.expect("released");
      }
      const lock = await acquireLock(data, "exclusive", { layout, timeoutMs: 10_000 });
      process.kill(child, 0); // it is still there
      await lock.release();
    } finally {
      process.kill(child, "SIGKILL");
      parent.kill();
      await parent.exited;
    }
  });
}

export async function relations({ tally }: PartContext, updates: number): Promise<void> {
  for (const [layout, way, end] of forks) {
    const what = `P2: a child forked inside a lock (${layout}, ${way}) does not keep it when its parent ${end}`;
    await tally.check(what, () => forkInside(layout, way, end));
  }
  await tally.check("P1: the workers of a cluster add up", () =>
    withTemporaryDirectory(async (directory) => {
      const counter = join(directory, "counter");
      writeFileSync(counter, "0");
      await Program.node(program("cluster"), [counter, "4", String(updates)]).finish();
      equal(Number(readFileSync(counter, "utf8")), 4 * updates);
    }),
  );
  for (const copies of [1, 2]) {
    const of = copies === 1 ? "the package" : "two copies of it";
    await tally.check(`P1: \`import\` and \`require\` of ${of} exclude each other`, () =>
      withTemporaryDirectory(async (directory) => {
        const other = copies === 1 ? [] : [copyCore(join(directory, "copy"))];
        const both = Program.node(program("import-and-require"), [join(directory, "data"), ...other]);
        equal(await both.line(), `${copies} excluded both ways`);
        equal(await both.line(), "0 lost");
        await both.finish();
      }),
    );
  }
}
