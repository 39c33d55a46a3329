import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentHash, doctor, mergeIssueTexts, openBeads, repair } from "../src/index.ts";
import { good, holding } from "./support/holding.ts";

describe("issues that another tool wrote against a rule", () => {
  const at = "2026-01-01T00:00:00Z";
  const dependency = { depends_on_id: "bd-z", type: "related" };
  it.each([
    ["no created_at", { created_at: undefined }],
    ["a dependency without most of its fields", { dependencies: [dependency] }],
    ["lists that are null", { labels: null, dependencies: null, comments: null }],
    [
      "comments without an id, or with half of one",
      { comments: [{ text: "a" }, { id: 1.5, text: "b" }, { id: 7, text: "c" }] },
    ],
    ["a priority of its own", { priority: 9 }],
    ["a priority past 2^53", { priority: 2 ** 60 }],
    [
      "an estimate that is an object with a valueOf of its own",
      { estimated_minutes: { valueOf: 1, toString: 1 } },
    ],
    ["an empty title", { title: "" }],
    ["an instant that is none", { due_at: "" }],
    ["a lease that is null", { flockwork_lease: null }],
    ["an instant that no language can make a text of", { due_at: { valueOf: 1, toString: 1 } }],
    ["a time to wait for that is none", { defer_until: { valueOf: 1, toString: 1 } }],
    ["a lease whose token is none", { flockwork_lease: { holder: "x", token: "-1", expiresAt: at } }],
  ])("%s: can be claimed, commented on and closed; a fault of one's own is refused", async (_, fields) => {
    const line = good("bd-a", fields as never);
    const { directory, path } = holding(`${line}\n${good("bd-z", { status: "blocked" })}\n`);
    const beads = openBeads(directory);
    for (const mine of [
      { priority: 7 },
      { closed_at: at },
      { estimated_minutes: -1 },
      { title: "x".repeat(501) },
    ])
      await expect(beads.update("bd-a", mine)).rejects.toMatchObject({ code: "ERR_BEAD_INVALID" });
    expect(readFileSync(path, "utf8").split("\n")[0]).toBe(line);
    const claim = await beads.claimReady({ actor: "ann", leaseMs: 60_000 });
    expect(claim?.id).toBe("bd-a");
    await beads.comment("bd-a", { author: "ann", text: "mine" });
    await beads.removeDependency("bd-a", "bd-none");
    await beads.addDependency("bd-a", "bd-z", { type: "tracks" });
    await beads.close("bd-a", { fence: claim?.fence });
    await claim?.release();
    expect(await beads.get("bd-a")).toMatchObject({ status: "closed", assignee: "ann" });
  });
});

/** An object that throws wherever a text or a number is made of it. */
const evil = { valueOf: 1, toString: 1 };

describe("fields of the wrong kind", () => {
  it.each(["defer_until", "due_at"])("%s: is no instant for ready, lists and claims", async (field) => {
    const { directory } = holding(`${good("bd-a", { [field]: evil })}\n${good("bd-b")}\n`);
    const beads = openBeads(directory);
    expect(await beads.ready()).toHaveLength(2);
    expect(await beads.ready({ order: "due" })).toHaveLength(2);
    expect(await beads.list({}, { by: "due" })).toHaveLength(2);
    expect(await beads.list({ overdue: true })).toHaveLength(field === "due_at" ? 1 : 0);
    expect(await beads.stats()).toMatchObject({ total: 2, ready: 2 });
    expect((await beads.claimReady({ actor: "ann" }))?.id).toBe("bd-a");
  });

  it("a closed issue without an instant of its closing or its creation does not count for the average", async () => {
    const closed = (id: string, fields: object): string =>
      good(id, { status: "closed", closed_at: "2026-01-01T00:00:05Z", ...fields });
    const odd = [closed("bd-a", { closed_at: evil }), closed("bd-b", { created_at: undefined })];
    const both = closed("bd-d", { closed_at: "", created_at: undefined });
    const { directory } = holding([...odd, closed("bd-c", {}), both, ""].join("\n"));
    expect(await openBeads(directory).stats()).toMatchObject({
      byStatus: { closed: 4 },
      averageLeadMs: 5_000,
    });
  });

  it.each(["notes", "design", "acceptance_criteria"])("%s: is not searched, the rest is", async (field) => {
    const { directory } = holding(`${good("bd-a", { [field]: evil })}\n`);
    const beads = openBeads(directory);
    expect(await beads.search("zzz")).toEqual([]);
    expect(await beads.search("title")).toHaveLength(1);
  });

  it("an issue whose lease is none can be claimed without one", async () => {
    for (const lease of [null, { token: evil, holder: 5 }]) {
      const { directory } = holding(`${good("bd-a", { flockwork_lease: lease })}\n`);
      const beads = openBeads(directory);
      const claim = await beads.claim("bd-a", { actor: "ann" });
      expect(claim.fence).toBeUndefined();
      await claim.release();
      expect(await beads.get("bd-a")).toMatchObject({ status: "open", flockwork_lease: lease });
    }
  });

  it.each([
    { design: 5 },
    { status: "open", timeout: evil },
    { waiters: 5 },
    { waiters: [null, evil] },
    { bonded_from: 5 },
    { bonded_from: [null] },
    { bonded_from: [{ source_id: evil }] },
    { validations: 5 },
    { validations: [{ timestamp: 5 }] },
    { validations: [null] },
  ])("%j: has a content hash of its own", async (fields) => {
    const { directory } = holding(`${good("bd-a", fields)}\n${good("bd-b")}\n`);
    const beads = openBeads(directory);
    const [issue, sound] = [await beads.get("bd-a"), await beads.get("bd-b")];
    if (issue === undefined || sound === undefined) throw new Error("unreachable");
    expect(contentHash(issue)).toMatch(/^[0-9a-f]{64}$/);
    expect(contentHash(issue, "0.49")).not.toBe(contentHash({ ...sound, title: issue.title }, "0.49"));
  });
});

describe("lines that are no issues", () => {
  it("memory lines whose keys are none are merged as they are, each one, by a merge and by repair", async () => {
    const line = (value: unknown, key?: unknown): string => JSON.stringify({ _type: "memory", key, value });
    const [ours, theirs] = [
      [line("a", evil), line("b"), line("c", 5)],
      [line("d"), line("e", "5")],
    ];
    const { text, conflicts } = mergeIssueTexts({
      base: "",
      ours: ours.join("\n"),
      theirs: theirs.join("\n"),
    });
    expect(text.trim().split("\n").toSorted()).toEqual([...ours, ...theirs].toSorted());
    expect(conflicts).toEqual([]);
    const { directory, path } = holding(
      ["<<<<<<< a", ...ours, "=======", ...theirs, ">>>>>>> b", ""].join("\n"),
    );
    await repair(directory);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("are not taken for issues that are called header or memory:k", () => {
    const lines = [
      '{"_schema":"beads-jsonl/1"}',
      good("header"),
      good("memory:k"),
      '{"_type":"memory","key":"k","value":"v"}',
    ];
    const text = `${lines.join("\n")}\n`;
    expect(mergeIssueTexts({ base: "", ours: text, theirs: text }).text).toBe(text);
  });
});

it("a memory line without its fields is told of by doctor, is no memory, and stays", async () => {
  const lines = [
    '{"_schema":"beads-jsonl/1","_sort":5}',
    '{"_type":"memory"}',
    '{"_type":"memory","key":"k","value":"v"}',
  ];
  const { directory, path } = holding(`${lines.join("\n")}\n`);
  const beads = openBeads(directory);
  expect([...(await beads.memories()).keys()]).toEqual(["k"]);
  const { findings, repairable } = await doctor(directory);
  expect(findings.map(({ kind, line }) => [kind, line])).toEqual([
    ["invalid-issue", 1],
    ["invalid-issue", 2],
    ["invalid-issue", 2],
  ]);
  expect(repairable).toBe(false);
  await beads.compact();
  expect(readFileSync(path, "utf8")).toBe(`${lines.join("\n")}\n`);
});

describe("the other files", () => {
  it("damaged interactions are named, passed over when asked to, and moved aside by repair", async () => {
    const { directory } = holding(`${good("bd-a")}\n`);
    const line = (n: number): string =>
      `{"id":"int-0123456${n}","kind":"label","created_at":"2026-01-01T00:00:00Z"}\n`;
    const path = join(directory, "interactions.jsonl");
    const damage = ['{"id":"int-01{"id":"int-02"}\n', "<<<<<<< HEAD\n", '{"id":"bd-x"}\n', '{"id":"int-'];
    writeFileSync(path, `${line(1)}${damage[0]}${line(2)}${damage[1]}${damage[2]}${line(3)}${damage[3]}`);
    writeFileSync(join(directory, "sync_base.jsonl"), `${good("bd-a")}\n[]\n`);
    await expect(openBeads(directory).interactions.list()).rejects.toMatchObject({
      code: "ERR_LOG_CORRUPT",
      line: 2,
    });
    expect(await openBeads(directory, { onDamage: "keep" }).interactions.list()).toHaveLength(3);
    const { findings, repairable } = await doctor(directory);
    expect(findings.map(({ file, kind, line: at }) => [file, kind, at])).toEqual([
      ["interactions.jsonl", "torn-tail", undefined],
      ["interactions.jsonl", "bad-line", 2],
      ["interactions.jsonl", "conflict-marker", 4],
      ["interactions.jsonl", "bad-line", 5],
      ["sync_base.jsonl", "bad-line", 2],
    ]);
    expect(repairable).toBe(true);
    const { quarantined, changed } = await repair(directory);
    expect(changed).toBe(true);
    const aside = quarantined.map((file) => readFileSync(file, "utf8")).join("");
    for (const each of [...damage, "[]\n"]) expect(aside).toContain(each);
    expect(readFileSync(path, "utf8")).toBe(line(1) + line(2) + line(3));
    expect(await openBeads(directory).interactions.list()).toHaveLength(3);
    expect((await doctor(directory)).findings).toEqual([]);
  });
});
