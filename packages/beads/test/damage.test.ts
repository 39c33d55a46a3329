import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { doctor, openBeads, repair } from "../src/index.ts";
import { good, holding } from "./support/holding.ts";
import { dependencyOf, issueOf } from "./support/issues.ts";

const others = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name !== "issues.jsonl" && !name.startsWith(".gastown"));

const hostile: readonly (readonly [string, string | Buffer, string])[] = [
  ["a key __proto__", '{"id":"bd-x","title":"t","__proto__":{"polluted":1}}', "__proto__"],
  ["a key __proto__, escaped", '{"id":"bd-x","title":"t","\\u005f_proto__":1}', "__proto__"],
  ["a key __proto__ with an escaped letter", '{"id":"bd-x","title":"t","__pr\\u006fto__":1}', "__proto__"],
  ["an id that is an array", '{"id":["bd-x"],"title":"t"}', "id"],
  ["an id that is a path", '{"id":"../../etc/passwd","title":"t"}', "id"],
  ["an id with a NUL", '{"id":"bd\\u0000x","title":"t"}', "id"],
  ["an empty id", '{"id":"","title":"t"}', "id"],
  ["no id", '{"title":"t"}', "id"],
  ["no title", '{"id":"bd-x"}', "title"],
  ["deep nesting", `{"id":"bd-x","title":"t","metadata":${"[".repeat(600)}${"]".repeat(600)}}`, "nested"],
  [
    "bytes that are not UTF-8",
    Buffer.concat([Buffer.from('{"id":"bd-x","title":"'), Buffer.from([0xff, 0x22, 0x7d])]),
    "UTF-8",
  ],
  ["NUL bytes", "\0\0\0\0", "NUL"],
  ["half a record", '{"id":"bd-x","title":', "JSON"],
  ["two records in a line", `${good("bd-x")}${good("bd-y")}`, "JSON"],
  ["an array", "[1,2]", "object"],
  ["a number", "1e400", "object"],
  ["labels that are no list", '{"id":"bd-x","title":"t","labels":"a"}', "labels"],
  [
    "dependencies of the wrong kind",
    '{"id":"bd-x","title":"t","dependencies":[{"depends_on_id":1}]}',
    "dependencies",
  ],
];

describe("hostile lines", () => {
  it.each(hostile)(
    "P10: %s is a typed error that names the line, and the bytes stay",
    async (_, line, why) => {
      const content = Buffer.concat([
        Buffer.from(`${good("bd-a")}\n`),
        Buffer.from(line),
        Buffer.from(`\n${good("bd-b")}\n`),
      ]);
      const { directory, path } = holding(content);
      const beads = openBeads(directory);
      for (const call of [beads.list(), beads.update("bd-a", { title: "x" }), beads.compact()])
        await expect(call).rejects.toMatchObject({
          code: "ERR_LOG_CORRUPT",
          line: 2,
          message: expect.stringContaining(why) as string,
        });
      expect(readFileSync(path).equals(content)).toBe(true);
      expect({}).not.toHaveProperty("polluted");
      const tolerant = openBeads(directory, { onDamage: "keep" });
      expect((await tolerant.list()).map(({ id }) => id)).toEqual(["bd-a", "bd-b"]);
      await tolerant.update("bd-a", { title: "x" });
      await tolerant.compact();
      expect(readFileSync(path).includes(Buffer.concat([Buffer.from(line), Buffer.from("\n")]))).toBe(true);

      expect((await doctor(directory)).findings).toMatchObject([{ kind: "bad-line", line: 1 }]);
      const { quarantined, changed } = await repair(directory);
      expect(changed).toBe(true);
      expect(
        quarantined.map((file) => readFileSync(file)).some((bytes) => bytes.includes(Buffer.from(line))),
      ).toBe(true);
      expect((await openBeads(directory).list()).map(({ id, title }) => [id, title])).toEqual([
        ["bd-a", "x"],
        ["bd-b", "Title of bd-b"],
      ]);
      expect((await doctor(directory)).findings).toEqual([]);
    },
  );

  it("P10: a line longer than 16 MiB is refused, one just below is read, changed and kept", async () => {
    const big = good("bd-big", { description: "x".repeat(16 * 1024 * 1024 - 1_000) });
    const { directory, path } = holding(`${big}\n`);
    const beads = openBeads(directory);
    await beads.update("bd-big", { priority: 0 });
    expect(readFileSync(path).length).toBeGreaterThan(2 * big.length - 1_000);
    writeFileSync(path, `${good("bd-big", { description: "x".repeat(16 * 1024 * 1024) })}\n`);
    await expect(openBeads(directory).list()).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
    await expect(
      beads.append(issueOf("bd-c", { description: "x".repeat(17 * 1024 * 1024) })),
    ).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  });

  it("a byte order mark, CRLF and blank lines are read, and what is changed keeps its line's style", async () => {
    const { directory, path } = holding(`\uFEFF${good("bd-a")}\r\n\r\n${good("bd-b")}\r\n`);
    const beads = openBeads(directory);
    await beads.update("bd-a", { title: "x" });
    expect((await beads.list()).map(({ title }) => title)).toEqual(["x", "Title of bd-b"]);
    await beads.compact();
    expect(readFileSync(path, "utf8")).toMatch(/^\uFEFF\{"id":"bd-a","title":"x".*\r\n\{"id":"bd-b".*\r\n$/);
  });

  it("a write that UTF-8 or JSON cannot hold changes nothing", async () => {
    const { directory, path } = holding("");
    const beads = openBeads(directory);
    await expect(beads.append(issueOf("bd-a", { priority: NaN }))).rejects.toMatchObject({
      code: "ERR_BEAD_INVALID",
    });
    await expect(beads.append(issueOf("bd-a", { title: "\uD800" }))).rejects.toMatchObject({
      code: "ERR_BEAD_INVALID",
      issues: [{ path: ["title"] }],
    });
    await expect(beads.append(issueOf("../a"))).rejects.toMatchObject({ code: "ERR_BEAD_INVALID" });
    await expect(beads.append(issueOf("bd-a", { metadata: 2 ** 60 }))).rejects.toThrow(/2\^53/);
    expect(readFileSync(path, "utf8")).toBe("");
  });
});

describe("a torn tail", () => {
  it("P5: is not read, is moved aside byte for byte by the next write, and by repair", async () => {
    const { directory, path } = holding(`${good("bd-a")}\n${good("bd-b")}`);
    expect((await openBeads(directory).list()).map(({ id }) => id)).toEqual(["bd-a"]);
    expect((await doctor(directory)).findings).toMatchObject([{ kind: "torn-tail" }]);
    expect(await repair(directory, { dryRun: true })).toMatchObject({
      changed: false,
      repaired: [{ kind: "torn-tail" }],
    });
    const { quarantined } = await repair(directory);
    expect(quarantined.map((file) => readFileSync(file, "utf8"))).toEqual([good("bd-b")]);
    expect(readFileSync(path, "utf8")).toBe(`${good("bd-a")}\n`);
    writeFileSync(path, `${good("bd-a")}\n{"id":`);
    await openBeads(directory).create({ title: "c" });
    expect(others(directory).filter((name) => name.includes(".torn-"))).toHaveLength(2);
  });
});

describe("conflict markers", () => {
  const [ours, theirs] = [
    good("bd-a", { title: "ours", labels: ["o"], updated_at: "2026-01-02T00:00:00Z" }),
    good("bd-a", { title: "theirs", labels: ["t"], updated_at: "2026-01-03T00:00:00Z" }),
  ];

  it("have an error of their own, and repair merges both sides and keeps a copy", async () => {
    const { directory, path } = holding(
      [
        good("bd-0"),
        "<<<<<<< HEAD",
        ours,
        good("bd-o"),
        "=======",
        theirs,
        good("bd-t"),
        ">>>>>>> branch",
        good("bd-z"),
        "",
      ].join("\n"),
    );
    await expect(openBeads(directory).list()).rejects.toMatchObject({
      code: "ERR_CONFLICT_MARKERS",
      line: 2,
    });
    expect((await doctor(directory)).findings.map(({ kind, line }) => [kind, line])).toEqual([
      ["conflict-marker", 2],
      ["conflict-marker", 5],
      ["conflict-marker", 8],
    ]);
    const report = await repair(directory);
    expect(report).toMatchObject({
      changed: true,
      conflicts: [{ id: "bd-a", path: ["title"], took: "theirs" }],
    });
    const issues = await openBeads(directory).list();
    expect(issues.map(({ id }) => id)).toEqual(["bd-0", "bd-a", "bd-o", "bd-t", "bd-z"]);
    expect(issues[1]).toMatchObject({ title: "theirs", labels: ["o", "t"] });
    const kept = report.quarantined.map((file) => readFileSync(file, "utf8")).join("");
    for (const line of ["<<<<<<< HEAD", "=======", ">>>>>>> branch", ours, theirs])
      expect(kept).toContain(`${line}\n`);
    expect(readFileSync(path, "utf8")).not.toMatch(/^[<=>]/m);
  });

  it("of style diff3 give the base, so that what one side took out is gone", async () => {
    const { directory } = holding(
      [
        "<<<<<<< a",
        ours,
        "||||||| b",
        good("bd-a"),
        good("bd-gone"),
        "=======",
        theirs,
        good("bd-gone"),
        ">>>>>>> c",
        "",
      ].join("\n"),
    );
    await repair(directory);
    expect((await openBeads(directory).list()).map(({ id }) => id)).toEqual(["bd-a"]);
  });

  it("in no order that git makes are moved aside, and every line between them stays", async () => {
    const { directory } = holding(["=======", good("bd-a"), "<<<<<<< x", good("bd-b"), ""].join("\n"));
    await repair(directory);
    expect((await openBeads(directory).list()).map(({ id }) => id)).toEqual(["bd-a", "bd-b"]);
  });
});

describe("doctor", () => {
  it("tells of stale duplicates, orphans, circles, broken rules and leftover files; repair keeps the newest", async () => {
    const { directory, path } = holding(
      [
        good("bd-a", { title: "new", updated_at: "2026-02-01T00:00:00Z" }),
        good("bd-a", { title: "old" }),
        good("bd-b", {
          dependencies: [dependencyOf("bd-b", "bd-c"), dependencyOf("bd-b", "bd-none", "related")],
        }),
        good("bd-c", { dependencies: [dependencyOf("bd-c", "bd-b")] }),
        good("bd-d", { status: "closed" }),
        "",
      ].join("\n"),
    );
    writeFileSync(join(directory, "issues.jsonl.tmp"), "");
    const { findings, repairable, voidLines, issues } = await doctor(directory);
    expect(findings.map(({ kind, line, id }) => [kind, line, id])).toEqual([
      ["duplicate-id", 1, "bd-a"],
      ["orphan-dependency", 3, "bd-b"],
      ["invalid-issue", 5, "bd-d"],
      ["cycle", undefined, "bd-b"],
      ["leftover-file", undefined, undefined],
    ]);
    expect({ repairable, voidLines, issues }).toEqual({ repairable: true, voidLines: 1, issues: 4 });
    const { left, quarantined } = await repair(directory);
    expect(left).toHaveLength(4);
    expect(readFileSync(path, "utf8")).toContain('"new"');
    expect(quarantined.map((file) => readFileSync(file, "utf8"))).toEqual([
      `${good("bd-a", { title: "old" })}\n`,
    ]);
    expect(await doctor(join(directory, "none"))).toEqual({
      findings: [],
      issues: 0,
      voidLines: 0,
      repairable: false,
    });
  });

  it("tells of a key that a line has twice, however it is spelled and however deep; both stay where they are", async () => {
    const lines = [
      '{"id":"bd-a","title":"one","priority":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","title":"two"}',
      '{"id":"bd-b","title":"\\"title\\":{","metadata":{"a":[{"k":1,"\\u006b":2}]}}',
      '{"id":"bd-c","title":"id","labels":["id","id"],"metadata":[{"id":1},{"id":{"id":"id"}}]}',
    ];
    const { directory, path } = holding(`${lines.join("\n")}\n`);
    const told = (await doctor(directory)).findings.filter(({ kind }) => kind === "duplicate-key");
    expect(told.map(({ line, id, message }) => [line, id, message])).toEqual([
      [1, "bd-a", '"title" is there twice: the last one counts'],
      [2, "bd-b", '"k" is there twice: the last one counts'],
    ]);
    expect((await repair(directory)).changed).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(`${lines.join("\n")}\n`);
    expect((await openBeads(directory).get("bd-a"))?.title).toBe("two");
    await openBeads(directory).update("bd-a", { assignee: "ann" });
    expect(readFileSync(path, "utf8").split("\n")[3]).toContain('"title":"one","priority":1,');
  });
});
