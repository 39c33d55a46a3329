import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { contentHash, openTodo2, schemaVersion, type SqliteDatabase } from "../../src/todo2.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

/** A database as exarp's first migration left it, with a task in it. */
function oldDatabase(): { readonly directory: string; readonly path: string } {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, ".todo2"));
  const path = join(directory, ".todo2/todo2.db");
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE tasks (id TEXT PRIMARY KEY, name TEXT, content TEXT, long_description TEXT, status TEXT NOT NULL
    DEFAULT 'Todo', priority TEXT, completed INTEGER DEFAULT 0, task_number INTEGER, estimated_hours REAL, actual_hours REAL,
    created TEXT NOT NULL, last_modified TEXT, completed_at TEXT, project_id TEXT, metadata TEXT, created_at INTEGER NOT NULL
    DEFAULT (strftime('%s', 'now')), updated_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')), theirs TEXT)`);
  database.exec(
    "INSERT INTO tasks (id, content, created, metadata, theirs) VALUES ('T-1', 'old', '2026-01-09', '{\"a\":1}', 'kept')",
  );
  database.exec(
    "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER, description TEXT)",
  );
  database.exec("INSERT INTO schema_migrations VALUES (1, 0, 'Initial schema')");
  database.close();
  return { directory, path };
}

it("migrates a database without columns for claims, keeps what is in it, and makes a copy first", async () => {
  const { directory, path } = oldDatabase();
  const todo2 = openTodo2(directory);
  await expect(todo2.list()).rejects.toMatchObject({
    code: "ERR_TASK_FORMAT",
    message: expect.stringContaining("migrate()"),
  });
  const migration = await todo2.migrate({ backup: true });
  expect(migration).toMatchObject({ version: schemaVersion, hasTasks: true });
  expect(migration.missing).toContain("lock_until");
  expect(await todo2.get("T-1")).toMatchObject({
    content: "old",
    metadata: { a: 1 },
    theirs: "kept",
    version: 1,
    tags: [],
  });
  expect((await todo2.claimTaskForAgent("T-1", "a")).success).toBe(true);
  expect(await todo2.migrate()).toMatchObject({ missing: [], backup: undefined });
  await todo2.close();
  const copy = new DatabaseSync(migration.backup ?? "");
  expect(copy.prepare("SELECT content, theirs FROM tasks").all()).toEqual([
    { content: "old", theirs: "kept" },
  ]);
  expect(
    copy.prepare("SELECT count(*) n FROM pragma_table_info('tasks') WHERE name = 'lock_until'").get(),
  ).toEqual({ n: 0 });
  copy.close();
  const after = new DatabaseSync(path);
  expect(after.prepare("SELECT max(version) v FROM schema_migrations").get()).toEqual({ v: 8 });
  expect(
    after.prepare("SELECT name FROM sqlite_master WHERE name = 'idx_tasks_lock_until'").all(),
  ).toHaveLength(1);
  after.close();
});

it("adds whatever column is missing, the oldest ones too", async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, ".todo2"));
  const old = new DatabaseSync(join(directory, ".todo2/todo2.db"));
  old.exec(`CREATE TABLE tasks (id TEXT PRIMARY KEY, content TEXT, status TEXT NOT NULL, created TEXT NOT NULL);
    INSERT INTO tasks VALUES ('T-1', 'One', 'Todo', '2026-01-02T03:04:05Z')`);
  old.close();
  const todo2 = openTodo2(directory);
  expect((await todo2.migrate({ backup: false })).missing).toContain("priority");
  expect(await todo2.list()).toMatchObject([
    { id: "T-1", content: "One", created_at: 1_767_323_045, version: 1 },
  ]);
  expect(await todo2.update("T-1", { priority: "high", project_id: "p", metadata: { n: 1 } })).toMatchObject({
    version: 2,
  });
  expect((await todo2.claimTaskForAgent("T-1", "a")).success).toBe(true);
  expect((await todo2.migrate()).missing).toEqual([]);
  await todo2.close();
});

it("makes a new database, and several programs may do so at once", async () => {
  const directory = temporaryDirectory();
  const many = Array.from({ length: 5 }, () => openTodo2(directory));
  const made = await Promise.all(many.map((each) => each.migrate()));
  expect(made.filter(({ missing }) => missing.length > 0)).toHaveLength(1);
  await Promise.all(many.map((each, at) => each.create({ content: `from ${at}` })));
  expect((await many[0]?.list())?.map(({ id }) => id)).toEqual(["T-1", "T-2", "T-3", "T-4", "T-5"]);
  for (const each of many) await each.close();
});

it("takes a database that is handed in, and leaves it open", async () => {
  const directory = temporaryDirectory();
  const database = new DatabaseSync(":memory:") satisfies SqliteDatabase;
  const todo2 = openTodo2(directory, { database });
  await todo2.migrate();
  await todo2.create({ id: "T-7", content: "x", tags: ["b", "a"], metadata: { n: 1 } });
  await todo2.close();
  expect(database.prepare("SELECT id FROM tasks").get()).toEqual({ id: "T-7" });
  expect(existsSync(join(directory, ".todo2/todo2.db"))).toBe(false);
});

it.each([
  ["a text", "# not a database\n".repeat(400)],
  ["another program's database", undefined],
])("P10: refuses %s, and leaves it as it is", async (_, text) => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, ".todo2"));
  const path = join(directory, ".todo2/todo2.db");
  if (text === undefined) {
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE tasks (number INTEGER)");
    database.close();
  } else writeFileSync(path, text);
  const todo2 = openTodo2(directory);
  await expect(todo2.list()).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
  await expect(todo2.migrate()).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
  await expect(todo2.claimTaskForAgent("T-1", "a")).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
  await todo2.close();
});

it("changes nothing, the version included, where nothing differs; dependencies keep no cycle", async () => {
  const todo2 = openTodo2(temporaryDirectory());
  await todo2.migrate();
  const task = await todo2.create({ content: "x", tags: ["b", "a"], priority: "high" });
  await todo2.create({ content: "y", dependencies: ["T-1"] });
  expect(await todo2.update("T-1", { tags: ["a", "b"], content: "x" })).toEqual(task);
  await expect(todo2.update("T-1", { dependencies: ["T-2"] })).rejects.toMatchObject({
    code: "ERR_DEPENDENCY_CYCLE",
  });
  await expect(todo2.update("T-1", { dependencies: ["T-1"] })).rejects.toMatchObject({
    code: "ERR_DEPENDENCY_CYCLE",
  });
  await expect(todo2.update("T-1", { dependencies: ["T-9"] })).rejects.toMatchObject({
    code: "ERR_TASK_NOT_FOUND",
  });
  expect((await todo2.get("T-1"))?.version).toBe(task.version);
  expect(await todo2.update("T-1", { status: "Done" })).toMatchObject({
    completed: true,
    version: task.version + 1,
  });
  expect((await todo2.list({ status: "Done" })).map(({ id }) => id)).toEqual(["T-1"]);
  expect(await todo2.comments("T-1")).toEqual([]);
  expect((await todo2.comment("T-1", "note", "hello'); DROP TABLE tasks; --")).content).toContain("DROP");
  expect(await todo2.comments("T-1")).toHaveLength(1);
  await todo2.close();
});

it("hashes what a task says as exarp does: lower case, spaces collapsed", () => {
  expect(contentHash("Fix  THE\nbug", "Now")).toBe(contentHash("fix the bug now"));
});

it("an integer past 2^53 is refused by a typed error that says so, and stays", async () => {
  const { directory, path } = oldDatabase();
  const todo2 = openTodo2(directory);
  await todo2.migrate();
  const database = new DatabaseSync(path);
  database.exec("UPDATE tasks SET task_number = 9007199254740993");
  for (const call of [todo2.list(), todo2.create({ content: "b" }).then(() => todo2.list())])
    await expect(call).rejects.toMatchObject({
      code: "ERR_TASK_FORMAT",
      message: expect.stringContaining("an integer past 2^53"),
    });
  expect(database.prepare("SELECT CAST(task_number AS TEXT) AS n FROM tasks WHERE id = 'T-1'").all()).toEqual(
    [{ n: "9007199254740993" }],
  );
  database.close();
  await todo2.close();
});
