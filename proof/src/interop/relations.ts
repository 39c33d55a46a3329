/** Processes that belong together: a child forked while a lock is held, a cluster, the package loaded twice. */
import { equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyCore } from "../counter/copy-packages.ts";
import { acquireLock } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const program = (name: string): URL => new URL(`relations/${name}.ts`, import.meta.url);

export async function relations({ tally }: PartContext, updates: number): Promise<void> {
  await tally.check("P2: a child forked inside a lock does not keep it when its parent dies", () =>
    withTemporaryDirectory(async (directory) => {
      const data = join(directory, "data");
      const parent = Program.node(program("fork-inside"), [data]);
      const child = Number(await parent.line());
      parent.kill();
      const lock = await acquireLock(data, "exclusive", { timeoutMs: 10_000 });
      process.kill(child, 0); // it is still there
      await lock.release();
      process.kill(child, "SIGKILL");
      await parent.exited;
    }),
  );
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
        await both.finish();
      }),
    );
  }
}
