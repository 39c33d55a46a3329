import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { doctor, openBeads, repair } from "../src/index.ts";
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
