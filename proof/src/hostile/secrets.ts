/** What lock files, and everything beside them, must not tell; and what must not be taken for a command. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { openTodo2 } from "@flockwork/tasks/todo2";
import {
  acquireLock,
  fileStore,
  inspectLock,
  lockMetrics,
  leases,
  type LayoutName,
} from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const layouts: readonly LayoutName[] = ["sidecar", "gastown", "flowforge", "beads", "todo2", "jit"];

/** Command lines and environment are nobody's business: neither files, nor what is told of locks, nor metrics have them. */
export async function secretsStay({ tally }: PartContext): Promise<void> {
  const secret = "hunter2-of-the-prover";
  process.env["FLOCKWORK_PROOF_SECRET"] = secret;
  process.argv.push(`--token=${secret}`);
  try {
    for (const layout of layouts) {
      await tally.check(`a lock tells neither arguments nor environment of its holder: ${layout}`, () =>
        withTemporaryDirectory(async (directory) => {
          const path = join(directory, layout === "beads" ? "issues.jsonl" : "data");
          mkdirSync(join(directory, ".gastown"));
          writeFileSync(join(directory, "beads.db"), ""); // beads locks by a record where there is a database
          await using lock = await acquireLock(path, "exclusive", { layout });
          ok(lock.held);
          const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) =>
            each.isFile(),
          );
          ok(files.length > 0, "the lock left no file to look into");
          for (const { parentPath, name } of files)
            ok(!readFileSync(join(parentPath, name), "utf8").includes(secret), `${name} tells it`);
          const told = inspect([inspectLock(path, { layout }), lockMetrics()], { depth: 9 });
          ok(!told.includes(secret), "what is told of the lock tells it");
        }),
      );
    }
    await tally.check("a lease tells neither arguments nor environment of its holder", () =>
      withTemporaryDirectory(async (directory) => {
        const store = fileStore(directory);
        const lease = await leases(store).acquire("work");
        for (const name of readdirSync(directory, { recursive: true, withFileTypes: true }))
          if (name.isFile())
            ok(
              !readFileSync(join(name.parentPath, name.name), "utf8").includes(secret),
              `${name.name} tells it`,
            );
        await lease.release();
        await store.close();
      }),
    );
  } finally {
    delete process.env["FLOCKWORK_PROOF_SECRET"];
    process.argv.pop();
  }
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
