import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cycleThrough, findCycles } from "../src/dependency-cycles.ts";
import { IssueGraph } from "../src/issue-graph.ts";
import { faultsOfIssue, filterIssues, issueStats, openBeads, sortIssues } from "../src/index.ts";
import { readyIssues } from "../src/ready-issues.ts";
import { good, holding } from "./support/holding.ts";
import { dependencyOf, issueOf, mapOf } from "./support/issues.ts";

const idsOf = (issues: readonly { readonly id: string }[]): string[] => issues.map(({ id }) => id);

describe("ready", () => {
  it("leaves out what waits for something unfinished, and lets it in once that is closed", () => {
    const waiting = issueOf("bd-b", { dependencies: [dependencyOf("bd-b", "bd-a")] });
    for (const status of ["open", "in_progress", "blocked", "deferred", "hooked", "review"])
      expect(idsOf(readyIssues(mapOf(issueOf("bd-a", { status }), waiting))), status).not.toContain("bd-b");
    for (const status of ["closed", "tombstone", "pinned"])
      expect(idsOf(readyIssues(mapOf(issueOf("bd-a", { status }), waiting))), status).toEqual(["bd-b"]);
    expect(idsOf(readyIssues(mapOf(waiting)))).toEqual(["bd-b"]); // what it waits for does not exist
  });

  it("conditional-blocks: only the failure of the other lets it go", () => {
    const fallback = issueOf("bd-b", { dependencies: [dependencyOf("bd-b", "bd-a", "conditional-blocks")] });
    const ready = (fields: object): boolean =>
      idsOf(readyIssues(mapOf(issueOf("bd-a", fields), fallback))).includes("bd-b");
    expect(ready({})).toBe(false);
    expect(ready({ status: "closed", close_reason: "Done" })).toBe(false);
    expect(ready({ status: "closed", close_reason: "Build FAILED twice" })).toBe(true);
  });

  it("waits-for: all children of the other, or any of them, as its gate says", () => {
    const children = (...statuses: string[]) =>
      statuses.map((status, index) =>
        issueOf(`bd-a.${index}`, {
          status,
          dependencies: [dependencyOf(`bd-a.${index}`, "bd-a", "parent-child")],
        }),
      );
    const ready = (gate: string | undefined, ...statuses: string[]): boolean => {
      const metadata = gate === undefined ? undefined : JSON.stringify({ gate });
      const waiting = issueOf("bd-w", {
        dependencies: [dependencyOf("bd-w", "bd-a", "waits-for", metadata)],
      });
      return idsOf(readyIssues(mapOf(issueOf("bd-a"), waiting, ...children(...statuses)))).includes("bd-w");
    };
    expect(ready(undefined, "closed", "open")).toBe(false);
    expect(ready(undefined, "closed", "tombstone")).toBe(true);
    expect(ready("any-children", "open", "open")).toBe(false);
    expect(ready("any-children", "closed", "open")).toBe(true);
  });

  it("parent-child: what blocks a parent blocks everything below it; an open parent does not", () => {
    const parent = issueOf("bd-p", { dependencies: [dependencyOf("bd-p", "bd-x")] });
    const child = issueOf("bd-p.1", { dependencies: [dependencyOf("bd-p.1", "bd-p", "parent-child")] });
    const grandchild = issueOf("bd-p.1.1", {
      dependencies: [dependencyOf("bd-p.1.1", "bd-p.1", "parent-child")],
    });
    expect(idsOf(readyIssues(mapOf(issueOf("bd-x"), parent, child, grandchild)))).toEqual(["bd-x"]);
    const free = mapOf(issueOf("bd-x", { status: "closed" }), parent, child, grandchild);
    expect(idsOf(readyIssues(free))).toEqual(["bd-p", "bd-p.1", "bd-p.1.1"]);
    expect(new IssueGraph(mapOf(issueOf("bd-x"), parent, child)).blockersOf(child)).toMatchObject([
      { id: "bd-p", type: "parent-child" },
    ]);
  });

  it("leaves out what is deferred, pinned, a template, passing, or no work; and knows four orders", () => {
    const nowMs = Date.parse("2026-02-01T00:00:00Z");
    const issues = mapOf(
      issueOf("bd-later", { defer_until: "2026-02-02T00:00:00Z" }),
      issueOf("bd-now", { defer_until: "2026-01-31T00:00:00Z", created_at: "2026-01-03T00:00:00Z" }),
      issueOf("bd-pin", { pinned: true }),
      issueOf("bd-tpl", { is_template: true }),
      issueOf("bd-wisp", { ephemeral: true }),
      issueOf("bd-gate", { issue_type: "gate" }),
      issueOf("bd-mine", { status: "in_progress" }),
      issueOf("bd-p0", { priority: 0, created_at: "2026-01-31T12:00:00Z" }),
      issueOf("bd-old", { priority: 4, created_at: "2025-01-01T00:00:00Z" }),
      issueOf("bd-due", { priority: 3, due_at: "2026-02-01T00:00:00Z", created_at: "2026-01-02T00:00:00Z" }),
    );
    const order = (name: "priority" | "oldest" | "due" | "hybrid") =>
      idsOf(readyIssues(issues, { order: name, nowMs }));
    expect(order("priority")).toEqual(["bd-p0", "bd-now", "bd-due", "bd-old"]);
    expect(order("oldest")).toEqual(["bd-old", "bd-due", "bd-now", "bd-p0"]);
    expect(order("due")).toEqual(["bd-due", "bd-p0", "bd-now", "bd-old"]);
    expect(order("hybrid")).toEqual(["bd-p0", "bd-old", "bd-due", "bd-now"]);
    expect(idsOf(readyIssues(issues, { nowMs, ephemeral: true, type: "task", limit: 1 }))).toEqual(["bd-p0"]);
    expect(idsOf(readyIssues(issues, { nowMs, status: ["in_progress"] }))).toEqual(["bd-mine"]);
  });

  it("sorts by any priority that a file may hold, exactly one way", async () => {
    const digits = {
      a: "2",
      b: "-9007199254740993",
      c: "9007199254740993",
      d: `1${"0".repeat(400)}`,
      e: `2${"0".repeat(400)}`,
    };
    const lines = Object.entries(digits).map(([name, priority]) => {
      const created = `"created_at":"2026-01-0${"edcba".indexOf(name) + 1}T00:00:00Z"`; // the later its name, the older
      return good(`bd-${name}`)
        .replace('"priority":2', `"priority":${priority}`)
        .replace(/"created_at":"[^"]+"/, created);
    });
    const { directory, path } = holding(`${lines.join("\n")}\n`);
    const beads = openBeads(directory);
    const inOrder = ["bd-b", "bd-a", "bd-c", "bd-e", "bd-d"]; // the last two are equal numbers: the older one first
    expect(idsOf(await beads.ready())).toEqual(inOrder);
    expect(idsOf(await beads.ready({ order: "due" }))).toEqual(inOrder);
    const nowMs = Date.parse("2026-01-06T00:00:00Z");
    expect(idsOf(await beads.ready({ order: "hybrid", nowMs }))).toEqual([
      "bd-b",
      "bd-a",
      "bd-e",
      "bd-d",
      "bd-c",
    ]);
    expect(idsOf(await beads.ready({ order: "hybrid", nowMs: 0 }))).toEqual(inOrder);
    expect(idsOf(await beads.list({}, { by: "priority" }))).toEqual(["bd-b", "bd-a", "bd-c", "bd-d", "bd-e"]);
    expect((await beads.stats()).byPriority).toMatchObject({ 2: 1, Infinity: 2 });
    const huge = await beads.get("bd-c");
    expect(idsOf(await beads.list({ priority: huge?.priority }))).toEqual(["bd-c"]);
    expect(idsOf(await beads.list({ priority: 2 ** 53 }))).toEqual(["bd-c"]); // 2^53 + 1 is no number
    expect(readFileSync(path, "utf8")).toBe(`${lines.join("\n")}\n`);
    for (const id of inOrder) expect((await beads.claimReady({ actor: "ann" }))?.id).toBe(id);
    const written = readFileSync(path, "utf8");
    for (const priority of Object.values(digits)) expect(written).toContain(`"priority":${priority},`);
  });

  it("what is no priority counts as none: as 0, wherever it is sorted by, asked for or counted", () => {
    const wrong = ["1", null, Number.NaN, {}, { valueOf: 1, toString: 1 }, Object.create(null), [3], true];
    const all = mapOf(
      issueOf("bd-last", { priority: 1 }),
      ...wrong.map((priority, at) => issueOf(`bd-${at}`, { priority } as never)),
    );
    const ids = [...wrong.keys()].map((at) => `bd-${at}`);
    expect(idsOf(readyIssues(all))).toEqual([...ids, "bd-last"]);
    expect(idsOf(sortIssues([...all.values()], { by: "priority" }))).toEqual([...ids, "bd-last"]);
    expect(idsOf(filterIssues(all.values(), { priority: 0 }))).toEqual(ids);
    expect(filterIssues(all.values(), { priority: "1" as never })).toEqual([]);
    expect(issueStats(all).byPriority).toEqual({ 0: wrong.length, 1: 1 });
    for (const issue of all.values())
      expect(
        faultsOfIssue(issue).map(({ path }) => path),
        issue.id,
      ).toEqual(issue.id === "bd-last" ? [] : [["priority"]]);
  });

  it("survives chains and circles as long as the file", () => {
    const count = 20_000;
    const chain = (type: string, closing: boolean) =>
      mapOf(
        ...Array.from({ length: count }, (_, at) => {
          const below = at + 1 < count ? `bd-${at + 1}` : closing ? "bd-0" : "bd-none";
          return issueOf(`bd-${at}`, { dependencies: [dependencyOf(`bd-${at}`, below, type)] });
        }),
      );
    expect(readyIssues(chain("parent-child", false))).toHaveLength(count);
    expect(readyIssues(chain("parent-child", true))).toHaveLength(count);
    expect(readyIssues(chain("blocks", true))).toEqual([]);
    expect(findCycles(chain("blocks", true))).toHaveLength(1);
    expect(findCycles(chain("blocks", false))).toEqual([]);
  });
});

describe("circles", () => {
  it("are found before they are closed, with the whole way round", () => {
    const issues = mapOf(
      issueOf("bd-a", { dependencies: [dependencyOf("bd-a", "bd-b")] }),
      issueOf("bd-b", { dependencies: [dependencyOf("bd-b", "bd-c", "parent-child")] }),
      issueOf("bd-c", { dependencies: [dependencyOf("bd-c", "bd-d", "related")] }),
      issueOf("bd-d"),
    );
    expect(cycleThrough(issues, "bd-c", "bd-a")).toEqual(["bd-c", "bd-a", "bd-b", "bd-c"]);
    expect(cycleThrough(issues, "bd-d", "bd-a")).toBeUndefined(); // "related" blocks nobody
    expect(cycleThrough(issues, "bd-a", "bd-a")).toEqual(["bd-a", "bd-a"]);
  });

  it("are listed once for each group, least id first", () => {
    const issues = mapOf(
      issueOf("bd-c", { dependencies: [dependencyOf("bd-c", "bd-b")] }),
      issueOf("bd-b", { dependencies: [dependencyOf("bd-b", "bd-c"), dependencyOf("bd-b", "bd-x")] }),
      issueOf("bd-x", { dependencies: [dependencyOf("bd-x", "bd-x")] }),
      issueOf("bd-y", { dependencies: [dependencyOf("bd-y", "bd-b")] }),
    );
    expect(findCycles(issues)).toEqual([
      ["bd-b", "bd-c", "bd-b"],
      ["bd-x", "bd-x"],
    ]);
    expect(idsOf(readyIssues(issues))).toEqual([]);
  });
});
