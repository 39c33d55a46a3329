import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import {
  appendIssue,
  backupDatabase,
  batchUpdateIssues,
  detectEra,
  openBeads,
  queryIssues,
  readIssues,
  resolveRedirect,
  restoreDatabase,
  searchIssues,
  updateIssue,
  withDatabaseRead,
  withDatabaseWrite,
  writeRedirect,
} from "../src/index.ts";
import { beadsDirectory } from "./support/directory.ts";
import { issueOf } from "./support/issues.ts";

function withDatabase(): { readonly directory: string; readonly path: string } {
  const directory = beadsDirectory();
  const path = join(directory, "beads.db");
  const database = new DatabaseSync(path);
  database.exec(
    "CREATE TABLE issues (id TEXT PRIMARY KEY, title TEXT, status TEXT, priority INTEGER, assignee TEXT, pinned INTEGER, created_at TEXT, updated_at TEXT, closed_at TEXT);" +
      "CREATE TABLE labels (issue_id TEXT, label TEXT)",
  );
  const insert = database.prepare("INSERT INTO issues VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)");
  const at = "2026-01-01T00:00:00Z";
  insert.run("bd-a", "Robert'); DROP TABLE issues;--", "open", 0, "", 0, at, at);
  insert.run("bd-b", "b", "open", 2, "ann", 1, at, at);
  database.exec("INSERT INTO labels VALUES ('bd-a', 'x'), ('bd-a', 'y')");
  database.close();
  return { directory, path };
}

it("a number of the database that is past 2^53 is read whole", async () => {
  const { directory, path } = withDatabase();
  const database = new DatabaseSync(path);
  database.exec("UPDATE issues SET priority = 9007199254740993 WHERE id = 'bd-b'");
  database.close();
  const issues = await queryIssues({}, { directory });
  expect(issues.map(({ id, priority }) => [id, priority])).toEqual([
    ["bd-a", 0],
    ["bd-b", 9_007_199_254_740_993n],
  ]);
  expect(issues.map(({ pinned }) => pinned)).toEqual([false, true]);
  expect(await queryIssues({ priority: 2 ** 53 }, { directory })).toHaveLength(1);
});

describe("a database that holds anything", () => {
  const holdingSql = (sql: string): string => {
    const { directory, path } = withDatabase();
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    return directory;
  };

  it("rows whose id is no text are passed over", async () => {
    const directory = holdingSql("INSERT INTO issues (id) VALUES (''), (NULL), (x'6264')");
    for (const filter of [{}, { idPrefix: "bd" }])
      expect((await queryIssues(filter, { directory })).map(({ id }) => id)).toEqual(["bd-a", "bd-b"]);
  });

  it("an instant that is an integer past 2^53 is replaced by the next update, and what is no text is shown as one", async () => {
    const directory = holdingSql(
      "CREATE TABLE old (id, title, status, updated_at, closed_at);" +
        "INSERT INTO old VALUES ('bd-a', x'6162', 5, 9223372036854775807, NULL);" +
        "DROP TABLE issues; ALTER TABLE old RENAME TO issues; DROP TABLE labels;" +
        "CREATE TABLE labels (issue_id, label);" +
        "INSERT INTO labels VALUES ('bd-a', 9223372036854775807), ('bd-a', NULL)",
    );
    expect(await queryIssues({}, { directory })).toEqual([
      {
        id: "bd-a",
        title: "ab",
        status: "5",
        updated_at: "9223372036854775807",
        labels: ["9223372036854775807"],
      },
    ]);
    await updateIssue("bd-a", "closed", { directory });
    const [issue] = await queryIssues({}, { directory });
    expect(issue).toMatchObject({ status: "closed", closed_at: issue?.updated_at });
    expect(searchIssues([{ ...issueOf("bd-z"), title: undefined as never }], "x")).toEqual([]);
  });

  it("what is no database, and one without the tables of bd, are refused by name, and stay", async () => {
    const { directory, path } = withDatabase();
    const backup = `${path}.backup`;
    await backupDatabase(path, backup);
    const content = "no database, but a text. ".repeat(200);
    writeFileSync(path, content);
    const none = { code: "ERR_DATABASE_FORMAT", path };
    for (const call of [
      () => queryIssues({}, { directory }),
      () => updateIssue("bd-a", "closed", { directory }),
      () => withDatabaseRead(path, (database) => database.prepare("SELECT 1 FROM issues").all()),
      () => withDatabaseWrite(path, () => {}),
      () => backupDatabase(path, `${path}.other`),
      () => restoreDatabase(backup, path),
    ])
      await expect(call()).rejects.toMatchObject(none);
    expect(readFileSync(path, "utf8")).toBe(content);
    const spare = `${path}.spare`;
    await backupDatabase(backup, spare);
    await expect(restoreDatabase(path, spare)).rejects.toMatchObject(none);
    const other = holdingSql("DROP TABLE issues");
    await expect(queryIssues({}, { directory: other })).rejects.toMatchObject({
      code: "ERR_DATABASE_FORMAT",
    });
    await expect(updateIssue("bd-a", "open", { directory: other })).rejects.toMatchObject({
      code: "ERR_DATABASE_FORMAT",
    });
  });

  it("an update that a rule of the table refuses is a failed write", async () => {
    const directory = holdingSql(
      "CREATE TRIGGER never BEFORE UPDATE ON issues BEGIN SELECT RAISE(ABORT, 'not today'); END",
    );
    await expect(updateIssue("bd-a", "closed", { directory })).rejects.toMatchObject({
      code: "ERR_WRITE_FAILED",
      message: expect.stringContaining("not today") as string,
    });
  });
});

describe("the functions of Gas Town's guide", () => {
  it("append, read, batch and query a plain file; a missing one is an empty list", async () => {
    const directory = beadsDirectory();
    const options = { directory };
    expect(await readIssues(options)).toEqual([]);
    expect(existsSync(join(directory, ".gastown"))).toBe(false);
    await appendIssue(issueOf("bd-a"), options);
    await appendIssue(issueOf("bd-b", { priority: 0 }), options);
    await batchUpdateIssues(
      [
        { issueId: "bd-a", status: "in_progress" },
        { issueId: "bd-b", status: "closed" },
      ],
      options,
    );
    expect(await readIssues(options)).toMatchObject([
      { id: "bd-a", status: "in_progress" },
      { id: "bd-b", status: "closed", closed_at: expect.any(String) as string },
    ]);
    await updateIssue("bd-a", "open", options);
    expect(await queryIssues({ status: "open" }, options)).toMatchObject([{ id: "bd-a" }]);
  });

  it("query and update beads.db where there is one; what is given is never SQL", async () => {
    const { directory } = withDatabase();
    const options = { directory };
    expect(await queryIssues({ labels: ["x", "y"] }, options)).toMatchObject([
      { id: "bd-a", title: "Robert'); DROP TABLE issues;--", priority: 0, labels: ["x", "y"], pinned: false },
    ]);
    expect(await queryIssues({ assignee: "ann' OR '1'='1" }, options)).toEqual([]);
    await updateIssue("bd-b", "closed", options);
    const [issue] = await queryIssues({ status: "closed" }, options);
    expect(issue).toMatchObject({ id: "bd-b", closed_at: issue?.updated_at });
    await expect(updateIssue("bd-a", { "title = 'x' --": "y" }, options)).rejects.toMatchObject({
      code: "ERR_BEAD_INVALID",
    });
    await expect(updateIssue("bd-none", "open", options)).rejects.toMatchObject({
      code: "ERR_BEAD_NOT_FOUND",
    });
    await expect(updateIssue("bd-a", { title: "half", "no such column": 1 }, options)).rejects.toMatchObject({
      code: "ERR_BEAD_INVALID",
    });
    expect(await queryIssues({ ids: ["bd-a"] }, options)).toMatchObject([
      { title: "Robert'); DROP TABLE issues;--" },
    ]);
  });
});

describe("databases", () => {
  it("are read under the shared lock and written in one transaction under the exclusive one", async () => {
    const { path } = withDatabase();
    const count = (database: DatabaseSync): unknown =>
      database.prepare("SELECT count(*) AS n FROM issues").get()?.["n"];
    expect(await Promise.all([withDatabaseRead(path, count), withDatabaseRead(path, count)])).toEqual([2, 2]);
    await expect(
      withDatabaseWrite(path, (database) => {
        database.exec("DELETE FROM issues");
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    expect(await withDatabaseRead(path, count)).toBe(2);
    await expect(withDatabaseRead(path, (database) => database.exec("DELETE FROM issues"))).rejects.toThrow(
      /readonly/,
    );
    await Promise.all(
      [1, 2, 3].map((n) =>
        withDatabaseWrite(path, (database) => {
          database.prepare("INSERT INTO labels VALUES (?, ?)").run("bd-a", `l${n}`);
        }),
      ),
    );
    expect(
      await withDatabaseRead(path, (database) => database.prepare("SELECT * FROM labels").all()),
    ).toHaveLength(5);
    await expect(withDatabaseRead(`${path}.none`, count)).rejects.toMatchObject({ code: "ERR_READ_FAILED" });
    expect(existsSync(`${path}.none`)).toBe(false);
  });

  it("are backed up while they are open, and restored; a damaged backup is refused and changes nothing", async () => {
    const { path } = withDatabase();
    const backup = `${path}.backup`;
    expect(await backupDatabase(path, backup)).toBeGreaterThan(0);
    await withDatabaseWrite(path, (database) => database.exec("DELETE FROM issues"));
    await restoreDatabase(backup, path);
    const ids = (database: DatabaseSync): unknown[] =>
      database
        .prepare("SELECT id FROM issues ORDER BY id")
        .all()
        .map(({ id }) => id);
    expect(await withDatabaseRead(path, ids)).toEqual(["bd-a", "bd-b"]);
    const damaged = readFileSync(backup);
    damaged.fill(0xff, 4_096 + 8, 4_096 + 400);
    writeFileSync(backup, damaged);
    await expect(restoreDatabase(backup, path)).rejects.toThrow();
    expect(await withDatabaseRead(path, ids)).toEqual(["bd-a", "bd-b"]);
  });
});

describe("redirect", () => {
  it("a directory that stands for another one is not written to; the guide's functions follow it", async () => {
    const directory = beadsDirectory();
    const town = beadsDirectory();
    await writeRedirect(directory, town);
    expect(await detectEra(directory)).toMatchObject({ era: "jsonl", redirect: town });
    const beads = openBeads(directory);
    for (const write of [beads.append(issueOf("bd-a")), beads.create({ title: "a" }), beads.compact()])
      await expect(write).rejects.toMatchObject({
        code: "ERR_UNSUPPORTED",
        message: expect.stringContaining(town) as string,
      });
    expect(existsSync(join(directory, "issues.jsonl"))).toBe(false);
    await appendIssue(issueOf("bd-a"), { directory });
    await updateIssue("bd-a", "closed", { directory });
    expect(await readIssues({ directory })).toMatchObject([{ id: "bd-a", status: "closed" }]);
    expect(await openBeads(await resolveRedirect(directory)).list()).toHaveLength(1);
  });

  it("a file that names no path is refused by a typed error", async () => {
    const directory = beadsDirectory();
    writeFileSync(join(directory, "redirect"), "to\0wn/.beads\n");
    await expect(resolveRedirect(directory)).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    writeFileSync(join(directory, "redirect"), "9".repeat(400));
    await expect(resolveRedirect(directory)).rejects.toMatchObject({ code: "ERR_READ_FAILED" });
  });

  it("is written and followed, at most three times", async () => {
    const directory = beadsDirectory();
    expect(await resolveRedirect(directory)).toBe(directory);
    await writeRedirect(directory, "town/.beads");
    expect(readFileSync(join(directory, "redirect"), "utf8")).toBe("town/.beads\n");
    expect(await resolveRedirect(directory)).toBe(join(directory, "../town/.beads"));
    await writeRedirect(directory, ".beads");
    await expect(resolveRedirect(directory)).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    await expect(writeRedirect(directory, "a\nb")).rejects.toThrow(TypeError);
  });
});
