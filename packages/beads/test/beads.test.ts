import { memoryStore, type Store } from "@flockwork/core";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBeads, revisionOf, type Beads, type IssuePatch } from "../src/index.ts";
import { compareInstants } from "../src/instant.ts";
import { beadsDirectory } from "./support/directory.ts";
import { dependencyOf, issueOf } from "./support/issues.ts";

const linesIn = (directory: string): string[] =>
  readFileSync(join(directory, "issues.jsonl"), "utf8").split("\n").slice(0, -1);

const places: readonly (readonly [string, () => Beads])[] = [
  ["files, appending", () => openBeads(beadsDirectory())],
  ["files, rewriting", () => openBeads(beadsDirectory(), { writes: "rewrite" })],
  ["a memory store", () => openBeads({ store: memoryStore() as Store, directory: ".beads" })],
];

describe.each(places)("issues in %s", (_, open) => {
  it("are made with ids, read back, changed, closed and opened again, each write with its receipt", async () => {
    const beads = open();
    const { issue, ...receipt } = await beads.create({ title: "First", description: "d", created_by: "ann" });
    expect(issue.id).toMatch(/^bd-[0-9a-z]{3}$/);
    expect(receipt).toMatchObject({ changed: true, changedIds: [issue.id], durability: "disk" });
    expect(await beads.get(issue.id)).toEqual(issue);
    const updated = await beads.update(issue.id, { priority: 0, labels: ["a"], description: null });
    expect(updated.issue).toMatchObject({ priority: 0, labels: ["a"] });
    expect(updated.issue).not.toHaveProperty("description");
    expect(compareInstants(updated.issue.updated_at, issue.updated_at)).toBe(1);
    const closed = await beads.close(issue.id, { reason: "Done" });
    expect(closed.issue).toMatchObject({ status: "closed", close_reason: "Done" });
    expect(closed.issue.closed_at).toBe(closed.issue.updated_at);
    expect(await beads.close(issue.id)).toMatchObject({ changed: false, changedIds: [] });
    const reopened = await beads.reopen(issue.id);
    expect(reopened.issue).not.toHaveProperty("closed_at");
    expect(await beads.list()).toEqual([reopened.issue]);
    expect(await beads.update(issue.id, { priority: 0 })).toMatchObject({ changed: false });
  });

  it("a write at an older revision, of a missing issue, or of an invalid one changes nothing and says why", async () => {
    const beads = open();
    const { issue } = await beads.create({ title: "x" });
    const revision = revisionOf(issue);
    await beads.update(issue.id, { title: "y" }, { expectedRevision: revision });
    const before = await beads.list();
    await expect(
      beads.update(issue.id, { title: "z" }, { expectedRevision: revision }),
    ).rejects.toMatchObject({
      code: "ERR_REVISION_CONFLICT",
    });
    await expect(beads.update("bd-none", {})).rejects.toMatchObject({
      code: "ERR_BEAD_NOT_FOUND",
      id: "bd-none",
    });
    await expect(beads.update(issue.id, { priority: 7 })).rejects.toMatchObject({
      code: "ERR_BEAD_INVALID",
      issues: [{ path: ["priority"] }],
    });
    await expect(beads.create({ title: "" })).rejects.toMatchObject({ code: "ERR_BEAD_INVALID" });
    await expect(beads.create({ title: "t", id: issue.id })).rejects.toMatchObject({
      code: "ERR_BEAD_EXISTS",
    });
    expect(await beads.list()).toEqual(before);
  });

  it("a question that is put wrongly names what is wrong, and is not answered as another one", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a"));
    const wrong: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["createdAfter", () => beads.list({ createdAfter: new Date() as never })],
      ["updatedBefore", () => beads.list({ updatedBefore: "yesterday" })],
      ["labels", () => beads.list({ labels: "x" as never })],
      ["limit", () => beads.list({ limit: NaN })],
      ["limit", () => beads.ready({ limit: -1 })],
      ["filter", () => beads.list(null as never)],
      ["by", () => beads.list({}, { by: "age" as never })],
      ["direction", () => beads.list({}, { by: "priority", direction: "desc" as never })],
      ["order", () => beads.ready({ order: "fifo" as never })],
      ["nowMs", () => beads.ready({ nowMs: new Date() as never })],
      ["query", () => beads.search(undefined as never)],
      ["request", () => beads.claim("bd-a", undefined as never)],
      ["request", () => beads.claimReady(undefined as never)],
      ["issue", () => beads.create(null as never)],
      ["comment", () => beads.comment("bd-a", null as never)],
      ["target", () => beads.addDependency("bd-a", undefined as never)],
    ];
    for (const [option, ask] of wrong)
      await expect(Promise.resolve().then(ask), option).rejects.toThrow(new RegExp(`${option}.* must be`));
    for (const options of [{ onDamage: "skip" }, { now: 5 }])
      expect(() => openBeads(beadsDirectory(), options as never)).toThrow(/must be/);
    expect(await beads.ready({ status: "open" })).toHaveLength(1);
  });

  it("a change that is no object of fields is refused, and writes nothing", async () => {
    const beads = open();
    const { issue } = await beads.create({ title: "a" });
    const late = async () => ({ title: "never seen" });
    for (const change of [late, () => "closed", "closed", null, [], new Map([["title", "b"]])])
      await expect(beads.update(issue.id, change as unknown as IssuePatch)).rejects.toThrow(TypeError);
    await expect(beads.batchUpdate([{ id: issue.id, change: late as never }])).rejects.toThrow(/a promise/);
    expect(await beads.list()).toEqual([issue]);
  });

  it("a batch is all or nothing", async () => {
    const beads = open();
    const [a, b] = [await beads.create({ title: "a" }), await beads.create({ title: "b" })];
    const before = await beads.list();
    await expect(
      beads.batchUpdate([
        { id: a.issue.id, change: { status: "closed" } },
        { id: "bd-none", change: { status: "closed" } },
      ]),
    ).rejects.toMatchObject({ code: "ERR_BEAD_NOT_FOUND" });
    expect(await beads.list()).toEqual(before);
    const receipt = await beads.batchUpdate([
      { id: a.issue.id, change: { status: "closed" } },
      { id: b.issue.id, change: (issue) => ({ title: `${issue.title}!` }) },
      { id: a.issue.id, change: { labels: ["twice"] } },
    ]);
    expect(receipt.changedIds).toEqual([a.issue.id, b.issue.id]);
    expect(await beads.get(a.issue.id)).toMatchObject({ status: "closed", labels: ["twice"] });
    expect(await beads.get(b.issue.id)).toMatchObject({ title: "b!" });
  });

  it("a circle is refused whichever call would close it; one that is there does not keep an issue from changing", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a", { dependencies: [dependencyOf("bd-a", "bd-x")] }));
    await beads.append(issueOf("bd-b", { dependencies: [dependencyOf("bd-b", "bd-a")] }));
    const before = await beads.list();
    const onB = [dependencyOf("bd-x", "bd-b")];
    for (const write of [
      beads.create({ id: "bd-x", title: "x", dependencies: onB }),
      beads.update("bd-a", { dependencies: [dependencyOf("bd-a", "bd-x"), dependencyOf("bd-a", "bd-b")] }),
      beads.update("bd-a", { dependencies: [dependencyOf("bd-a", "bd-a", "parent-child")] }),
      beads.batchUpdate([{ id: "bd-a", change: { dependencies: [dependencyOf("bd-a", "bd-b")] } }]),
    ])
      await expect(write).rejects.toMatchObject({ code: "ERR_DEPENDENCY_CYCLE" });
    expect(await beads.list()).toEqual(before);
    await beads.append(issueOf("bd-x", { dependencies: onB })); // an import looks at nothing
    await beads.update("bd-x", { dependencies: [...onB, dependencyOf("bd-x", "bd-a", "related")] });
    expect(await beads.cycles()).toEqual([["bd-a", "bd-x", "bd-b", "bd-a"]]);
  });

  it("a tombstone has no children", async () => {
    const beads = open();
    await beads.append(issueOf("bd-t", { status: "tombstone", deleted_at: "2026-01-01T00:00:00Z" }));
    await expect(beads.create({ title: "x", parent: "bd-t" })).rejects.toMatchObject({
      code: "ERR_BEAD_NOT_FOUND",
    });
  });

  it("children are numbered under their parent, at most three deep, and never twice", async () => {
    const beads = open();
    const { issue: epic } = await beads.create({ title: "Epic", issue_type: "epic", id: "bd-ep" });
    const made = await Promise.all([1, 2, 3].map((n) => beads.create({ title: `${n}`, parent: epic.id })));
    expect(made.map(({ issue }) => issue.id).toSorted()).toEqual(["bd-ep.1", "bd-ep.2", "bd-ep.3"]);
    expect(made[0]?.issue.dependencies).toMatchObject([{ depends_on_id: "bd-ep", type: "parent-child" }]);
    await beads.create({ title: "deep", parent: "bd-ep.1" });
    await beads.create({ title: "deeper", parent: "bd-ep.1.1" });
    await expect(beads.create({ title: "too deep", parent: "bd-ep.1.1.1" })).rejects.toMatchObject({
      code: "ERR_BEAD_INVALID",
    });
    await expect(beads.create({ title: "orphan", parent: "bd-none" })).rejects.toMatchObject({
      code: "ERR_BEAD_NOT_FOUND",
    });
    expect((await beads.list({ parent: "bd-ep" })).map(({ id }) => id)).toEqual([
      "bd-ep.1",
      "bd-ep.2",
      "bd-ep.3",
    ]);
  });

  it("dependencies decide what is ready, and a circle is refused with the way round", async () => {
    const beads = open();
    for (const id of ["bd-a", "bd-b", "bd-c"]) await beads.create({ title: id, id });
    await beads.addDependency("bd-a", "bd-b");
    await beads.addDependency("bd-b", "bd-c", { type: "waits-for" });
    expect(await beads.addDependency("bd-a", "bd-b")).toMatchObject({ changed: false });
    await expect(beads.addDependency("bd-c", "bd-a", { type: "parent-child" })).rejects.toMatchObject({
      code: "ERR_DEPENDENCY_CYCLE",
      cycle: ["bd-c", "bd-a", "bd-b", "bd-c"],
    });
    await beads.addDependency("bd-c", "bd-a", { type: "related" });
    expect((await beads.ready()).map(({ id }) => id)).toEqual(["bd-b", "bd-c"]);
    expect(await beads.blockers("bd-a")).toEqual([{ id: "bd-b", type: "blocks", why: "it is not finished" }]);
    await beads.removeDependency("bd-a", "bd-b");
    expect((await beads.ready()).map(({ id }) => id)).toEqual(["bd-a", "bd-b", "bd-c"]);
    expect(await beads.stats()).toMatchObject({ total: 3, ready: 3, blocked: 0, byStatus: { open: 3 } });
    expect(await beads.cycles()).toEqual([]);
  });

  it("comments get numbers where the issue has numbers, and UUIDs else", async () => {
    const beads = open();
    const old = { id: 41, issue_id: "bd-x", author: "ann", text: "old", created_at: "2025-01-01T00:00:00Z" };
    await beads.append(issueOf("bd-x", { comments: [old] }));
    await beads.append(issueOf("bd-y"));
    const numbered = await beads.comment("bd-x", { author: "bob", text: "new" });
    expect(numbered.issue.comments).toMatchObject([old, { id: 42, author: "bob", issue_id: "bd-x" }]);
    const named = await beads.comment("bd-y", { author: "bob", text: "new" });
    expect(named.issue.comments?.[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect((await beads.search("NEW")).map(({ id }) => id).toSorted()).toEqual(["bd-x", "bd-y"]);
  });

  it("tells watchers of each change, whoever made it, also after the file was written anew", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a"));
    const stop = new AbortController();
    const events: string[] = [];
    const watching = (async () => {
      for await (const { id, issue, previous } of beads.watch({ signal: stop.signal })) {
        events.push(`${id}: ${previous?.title ?? "-"} > ${issue?.title}`);
        if (events.length === 1) await beads.update("bd-a", { title: "changed" });
        if (events.length === 2) {
          await beads.compact();
          await beads.append(issueOf("bd-c", { title: "c" }));
        }
        if (events.length === 3) stop.abort();
      }
    })();
    await beads.append(issueOf("bd-b", { title: "b" }));
    await watching;
    expect(events).toEqual(["bd-b: - > b", "bd-a: Title of bd-a > changed", "bd-c: - > c"]);
  });

  it("notes interactions and keeps routes", async () => {
    const beads = open();
    const { interaction } = await beads.interactions.append({
      kind: "llm_call",
      issue_id: "bd-a",
      prompt: "?",
    });
    expect(interaction.id).toMatch(/^int-[0-9a-f]{32}$/);
    await beads.interactions.append({ kind: "label" });
    expect(await beads.interactions.list("bd-a")).toEqual([interaction]);
    await beads.routes.set({ prefix: "gt-", path: "gastown/mayor/rig" });
    await beads.routes.set({ prefix: "g", path: "." });
    await beads.routes.set({ prefix: "gt-", path: "elsewhere" });
    expect(await beads.routes.find("gt-1")).toEqual({ prefix: "gt-", path: "elsewhere" });
    for (const odd of [["gt-"], { toString: () => "gt-" }, Symbol("gt-"), null] as unknown as string[]) {
      await expect(beads.routes.find(odd)).rejects.toThrow("id must be a string");
      await expect(beads.routes.remove(odd)).rejects.toThrow("prefix must be a string");
    }
    await beads.routes.remove("gt-");
    expect(await beads.routes.list()).toEqual([{ prefix: "g", path: "." }]);
  });
});

describe("the file", () => {
  it("changes only in the line of the issue that changed, and in it only where it changed", async () => {
    const directory = beadsDirectory();
    const weird = `{"id": "bd-a", "title": "\\u003cb\\u003e", "priority": 2, "x": {"2": 1.0, "1": 9007199254740993}, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00+02:00", "comments": [{"id": 9223372036854775807, "issue_id": "bd-a", "author": "a", "text": "t", "created_at": "2026-01-01T00:00:00Z"}]}`;
    const header = '{"_schema":"beads-jsonl/1","_sort":"stable-v1"}';
    const memory = '{"_type":"memory","key":"k","value":"v"}';
    const tombstone = '{"id":"bd-t","title":"t","status":"tombstone","deleted_at":"2026-01-01T00:00:00Z"}';
    writeFileSync(join(directory, "issues.jsonl"), [header, weird, tombstone, memory, ""].join("\n"));
    const beads = openBeads(directory);
    expect((await beads.get("bd-a"))?.comments?.[0]?.id).toBe(9223372036854775807n);
    expect(await beads.header()).toMatchObject({ _sort: "stable-v1" });
    expect((await beads.memories()).get("k")?.value).toBe("v");
    await beads.update("bd-a", { priority: 0 });
    const { updated_at: at } = (await beads.get("bd-a")) ?? issueOf("");
    const expected = weird.replace('"priority": 2', '"priority": 0').replace("2026-01-01T00:00:00+02:00", at);
    expect(linesIn(directory)).toEqual([header, weird, tombstone, memory, expected]);
    await beads.compact();
    expect(linesIn(directory)).toEqual([header, expected, tombstone, memory]);
    expect(await beads.compact()).toMatchObject({ changed: false });
    const numbered = await beads.comment("bd-a", { author: "b", text: "u" });
    expect(numbered.issue.comments?.[1]?.id).toBe(9223372036854775808n);
    expect(linesIn(directory).at(-1)).toContain('"id": 9223372036854775808');
  });

  it("is compacted by itself before void lines outgrow it", async () => {
    const directory = beadsDirectory();
    const beads = openBeads(directory, { durability: "os" });
    const { issue } = await beads.create({ title: "0" });
    for (let n = 1; n <= 600; n += 1) await beads.update(issue.id, { title: `${n}` });
    expect(linesIn(directory).length).toBeLessThan(400);
    expect(await openBeads(directory).get(issue.id)).toMatchObject({ title: "600" });
  });

  it("new ids begin as config.yaml says, else as most of the issues there", async () => {
    const directory = beadsDirectory();
    const beads = openBeads(directory);
    await beads.append(issueOf("gt-wisp-1"));
    await beads.append(issueOf("gt-2"));
    await beads.append(issueOf("gt-3"));
    expect((await beads.create({ title: "x" })).issue.id).toMatch(/^gt-[0-9a-z]{3}$/);
    expect((await beads.create({ title: "x", ephemeral: true })).issue.id).toMatch(/^gt-wisp-[0-9a-z]{3}$/);
    writeFileSync(join(directory, "config.yaml"), '# c\nissue-prefix: "zz" # why\n');
    expect((await openBeads(directory).create({ title: "x" })).issue.id).toMatch(/^zz-[0-9a-z]{3}$/);
    expect((await openBeads(directory, { prefix: "q" }).create({ title: "x" })).issue.id).toMatch(/^q-/);
  });

  it("a prefix that is no string is refused, though it could be written like one", async () => {
    const directory = beadsDirectory();
    for (const prefix of [["gt"], { toString: () => "gt" }, 5] as never[]) {
      await expect(openBeads(directory).create({ title: "x", prefix })).rejects.toThrow("prefix must be");
      await expect(openBeads(directory, { prefix }).create({ title: "x" })).rejects.toThrow("prefix must be");
    }
    expect(await openBeads(directory).list()).toEqual([]);
  });

  it("a number past 2^53 in a field of a dependency that nobody knows keeps its digits when another is added", async () => {
    const known = { ...dependencyOf("bd-a", "bd-b", "related"), n: 1 };
    const line = JSON.stringify(issueOf("bd-a", { dependencies: [known] }));
    const directory = beadsDirectory();
    const exact = line.replace('"n":1', '"n":9007199254740993');
    writeFileSync(join(directory, "issues.jsonl"), `${exact}\n${JSON.stringify(issueOf("bd-b"))}\n`);
    const beads = openBeads(directory);
    expect((await beads.get("bd-a"))?.dependencies?.[0]?.["n"]).toBe(9007199254740993n);
    await beads.addDependency("bd-a", "bd-b");
    expect(linesIn(directory).at(-1)).toContain('"n":9007199254740993}');
  });

  it("dependencies of one issue are kept in their bytes when another is added", async () => {
    const directory = beadsDirectory();
    const given = `{"id":"bd-a","title":"t","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","dependencies":[{"issue_id":"bd-a", "depends_on_id":"bd-b","type":"related","created_at":"2026-01-01T00:00:00Z","odd":1.50}]}`;
    writeFileSync(join(directory, "issues.jsonl"), `${given}\n${JSON.stringify(issueOf("bd-b"))}\n`);
    const beads = openBeads(directory);
    await beads.addDependency("bd-a", "bd-b");
    expect(linesIn(directory).at(-1)).toContain(given.slice(given.indexOf("[{"), -2));
    expect((await beads.get("bd-a"))?.dependencies).toHaveLength(2);
    expect(dependencyOf("bd-a", "bd-b")).toMatchObject({ type: "blocks" });
  });
});
