/** Programs of another language beside ours on exarp's database, where SQLite's own locks and the tasks' versions decide. */
import { equal } from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { openTodo2 } from "@flockwork/tasks/todo2";
import { findCommand } from "../harness/commands.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { skipAbsent } from "./neighbour.ts";
import { together } from "./together.ts";

const what = "two of ours and two Python programs on one task of exarp's database lose no change";

export async function todo2Database({ tally }: PartContext, updates: number): Promise<void> {
  const python = findCommand("python3");
  if (python === undefined) return skipAbsent(tally, what, "python3 is not here");
  const each = Math.ceil(updates / 4);
  await withTemporaryDirectory((root) =>
    tally.check(what, async () => {
      const directory = mkdtempSync(join(root, "todo2-"));
      const todo2 = openTodo2(directory);
      await todo2.migrate();
      await todo2.create({ content: "0" });
      const peer = new URL("peers/todo2-database.py", import.meta.url).pathname;
      const database = join(directory, ".todo2", "todo2.db");
      await together([
        ...Array.from({ length: 2 }, () => new Program(python, [peer, database, String(each)])),
        ...Array.from({ length: 2 }, () =>
          Program.node(new URL("ours-todo2.ts", import.meta.url), [directory, String(each)]),
        ),
      ]);
      const task = await todo2.get("T-1");
      await todo2.close();
      equal(task?.content, String(4 * each));
      equal(task.version, 1 + 4 * each);
    }),
  );
}
