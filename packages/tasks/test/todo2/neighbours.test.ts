/** exarp, and others, at the same database and the same tasks. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openTodo2, openTodo2State, type SqliteDatabase } from "../../src/todo2.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

it("P7: a claim that exarp makes within the second in which ours was released is not taken for ours", async () => {
  const directory = temporaryDirectory();
  const clock = new FakeClock();
  const todo2 = openTodo2(directory, { clock });
  await todo2.migrate();
  for (const id of ["T-1", "T-2"]) await todo2.create({ id, content: "x" });
  const exarp = new DatabaseSync(join(directory, ".todo2/todo2.db"));
  const now = Math.floor(clock.now() / 1_000);
  for (const [id, end] of [
    ["T-1", (): unknown => todo2.releaseTask("T-1", "general-here")],
    ["T-2", (): unknown => todo2.claims.forceRelease("T-2", { by: "operator", reason: "test" })],
  ] as const) {
    const { claim } = await todo2.claimTaskForAgent(id, "general-here");
    await end();
    exarp
      .prepare(
        "UPDATE tasks SET assignee = ?, assigned_at = ?, lock_until = ?, version = version + 1 WHERE id = ?",
      )
      .run("general-here", now, now + 1_800, id);
    expect(await todo2.claims.inspect(id)).toMatchObject({
      holder: "general-here",
      token: "0",
      state: "held",
    });
    await expect(todo2.update(id, { content: "late" }, { claim })).rejects.toMatchObject({
      code: "ERR_STALE_FENCING_TOKEN",
    });
  }
  exarp.close();
  await todo2.close();
});

it("P7: a task of the state file that is removed and made again gives out higher tokens", async () => {
  const clock = new FakeClock();
  const todo2 = openTodo2State(temporaryDirectory(), { clock });
  await todo2.create({ id: "T-1", content: "x" });
  const { claim } = await todo2.claimTaskForAgent("T-1", "a");
  clock.pass(1);
  await todo2.remove("T-1", { force: true });
  await todo2.create({ id: "T-1", content: "again" });
  const again = await todo2.claimTaskForAgent("T-1", "a");
  expect(BigInt(again.claim?.token ?? 0)).toBeGreaterThan(BigInt(claim?.token ?? 0));
  await expect(todo2.update("T-1", { content: "late" }, { claim })).rejects.toMatchObject({
    code: "ERR_STALE_FENCING_TOKEN",
  });
  await todo2.close();
});

it("D4: a list shows tasks as they were at one moment, whoever writes meanwhile", async () => {
  const directory = temporaryDirectory();
  const owner = openTodo2(directory);
  await owner.migrate();
  await owner.create({ id: "T-1", content: "before", tags: ["before"] });
  const theirs = new DatabaseSync(join(directory, ".todo2/todo2.db"));
  const mine = new DatabaseSync(join(directory, ".todo2/todo2.db"));
  const database: SqliteDatabase = {
    exec: (sql) => mine.exec(sql),
    close: () => mine.close(),
    prepare: (sql) => {
      const statement = mine.prepare(sql);
      const all = (...parameters: never[]): unknown[] => {
        const rows = statement.all(...parameters);
        if (sql.startsWith("SELECT * FROM tasks"))
          theirs.exec("UPDATE tasks SET content = 'after'; UPDATE task_tags SET tag = 'after'");
        return rows;
      };
      return { run: (...p) => statement.run(...p), get: (...p) => statement.get(...p), all };
    },
  };
  const reader = openTodo2(directory, { database });
  expect(await reader.list()).toMatchObject([{ content: "before", tags: ["before"] }]);
  expect(await owner.list()).toMatchObject([{ content: "after", tags: ["after"] }]);
  theirs.close();
  mine.close();
  await owner.close();
});

it("reads inside a transaction of whoever handed the connection in", async () => {
  const database = new DatabaseSync(":memory:");
  const todo2 = openTodo2(temporaryDirectory(), { database });
  await todo2.migrate();
  await todo2.create({ id: "T-1", content: "x" });
  database.exec("BEGIN");
  expect(await todo2.list()).toHaveLength(1);
  database.exec("ROLLBACK");
});

it("P14: a wait that is no time is refused, and a database that was closed stays closed", async () => {
  const todo2 = openTodo2(temporaryDirectory());
  await todo2.migrate();
  await expect(todo2.create({ content: "x" }, { timeoutMs: Number.NaN })).rejects.toThrow(RangeError);
  await expect(todo2.create({ content: "x" }, { timeoutMs: "5" as never })).rejects.toThrow(TypeError);
  expect(await todo2.list()).toEqual([]);
  await todo2.close();
  await todo2.close();
  await expect(todo2.list()).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect(todo2.create({ content: "x" })).rejects.toMatchObject({ code: "ERR_CLOSED" });
});
