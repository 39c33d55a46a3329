/** What lock files, and everything beside them, must not tell; and what must not be taken for a command. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { openTodo2 } from "@flockwork/tasks/todo2";
import { inspectLock } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { fileOf, layouts, otherTraces } from "./told-of-holders.ts";

/** What the holder has in its arguments and its environment, and nobody else needs to know. */
const secret = "hunter2-of-the-prover";

/** Command lines and environment are nobody's business: neither files, nor what is told of locks, nor metrics have them. */
export async function secretsStay({ tally }: PartContext): Promise<void> {
  for (const layout of layouts)
    await tally.check(`a lock tells neither arguments nor environment of its holder: ${layout}`, () =>
      tellsNothing(layout, (directory) => inspectLock(fileOf(directory, layout), { layout })),
    );
  await tally.check("a lease tells neither arguments nor environment of its holder", () =>
    tellsNothing("a lease"),
  );
  for (const what of otherTraces)
    await tally.check(`neither arguments nor environment of a process are told by ${what}`, () =>
      tellsNothing(what),
    );
}

/** @param look - What is told to others. */
async function tellsNothing(what: string, look?: (directory: string) => unknown): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const args = [what, directory, `--token=${secret}`];
    const holder = Program.node(new URL("secret-holder.ts", import.meta.url), args, {
      env: { FLOCKWORK_PROOF_SECRET: secret },
    });
    try {
      const told = await holder.line();
      for (const own of [`/proc/${holder.pid}/cmdline`, `/proc/${holder.pid}/environ`])
        if (existsSync(own)) ok(readFileSync(own, "utf8").includes(secret), `${own} lacks it, too`);
      const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      );
      ok(files.length > 0, "there is no file to look into");
      for (const { parentPath, name } of files)
        ok(!readFileSync(join(parentPath, name)).includes(secret), `${name} tells it`);
      ok(!told.includes(secret), "what the holder is told tells it");
      ok(!inspect(look?.(directory), { depth: 9 }).includes(secret), "what is told to others tells it");
    } finally {
      holder.endInput();
      await holder.exited;
    }
  });
}

const injections = [
  "'; DROP TABLE tasks; --",
  '"; DELETE FROM tasks; --',
  "' OR '1'='1",
  "T-1' UNION SELECT sql FROM sqlite_master --",
  "%' ESCAPE '\\",
  "a\u0000b",
];

/** Values go into SQL as parameters: whatever they say, they are values. */
export async function valuesAreNotCommands({ tally }: PartContext): Promise<void> {
  for (const text of injections) {
    await tally.check(`SQL in a value is a value: ${JSON.stringify(text)}`, () =>
      withTemporaryDirectory(async (directory) => {
        const todo2 = openTodo2(directory);
        try {
          await todo2.migrate();
          await todo2.create({ id: "T-1", content: "first" });
          const made = await todo2.create({ content: text }).catch(refused);
          if (made !== undefined) equal((await todo2.get(made.id))?.content, text);
          const found = await todo2.list({ assignee: text });
          deepEqual(found, [], "a filter matched what it should not");
          equal(await todo2.get(text).catch(refused), undefined);
          await todo2.update(text, { content: "changed" }).catch(refused);
          await todo2.remove(text).catch(refused);
          await todo2.claims.claim(text, { holder: text, keep: false }).catch(refused);
          equal((await todo2.get("T-1"))?.content, "first", "another task was changed");
          equal((await todo2.list()).length, made === undefined ? 1 : 2, "tasks were lost");
        } finally {
          await todo2.close();
        }
      }),
    );
  }
}

/** Only errors of ours, and misuse: SQLite itself has nothing to complain of. */
function refused(error: unknown): undefined {
  const { code } = error as { code?: unknown };
  if (
    error instanceof TypeError ||
    (typeof code === "string" && code.startsWith("ERR_") && code !== "ERR_SQLITE_ERROR")
  )
    return undefined;
  throw error;
}
