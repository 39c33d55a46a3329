import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareInstants } from "../../src/instant.ts";
import type { Comment, Issue } from "../../src/issue.ts";
import type { MergeConflict } from "../../src/merge/merge-conflict.ts";
import { mergeIssues } from "../../src/merge/merge-issues.ts";
import { mergeIssueTexts } from "../../src/merge/merge-texts.ts";
import { dependencyOf, issueOf } from "../support/issues.ts";

const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`;

/** Merges versions of one issue; a change comes with a later `updated_at`, ours before theirs. */
function mergeOf(
  base: Partial<Issue> | undefined,
  ours: Partial<Issue>,
  theirs: Partial<Issue>,
): { readonly issue: Issue; readonly conflicts: readonly MergeConflict[] } {
  const { issues, conflicts } = mergeIssues(
    base === undefined ? [] : [issueOf("bd-a", base)],
    [issueOf("bd-a", { updated_at: at(1), ...ours })],
    [issueOf("bd-a", { updated_at: at(2), ...theirs })],
  );
  return { issue: issues[0] as Issue, conflicts };
}

describe("fields", () => {
  it("what one side changed is as that side has it, P0 and removals included", () => {
    const base = { priority: 2, assignee: "ann", description: "old" };
    const { issue, conflicts } = mergeOf(
      base,
      { priority: 0, assignee: "ann", description: "old" },
      { priority: 2, description: "new" },
    );
    expect(issue).toMatchObject({ priority: 0, description: "new" });
    expect(issue).not.toHaveProperty("assignee");
    expect(conflicts).toEqual([]);
    expect(compareInstants(issue.updated_at, at(2))).toBe(1); // neither side has seen it
  });

  it("where both changed a field the later side wins, and the conflict says between what", () => {
    const { issue, conflicts } = mergeOf({ title: "a" }, { title: "b" }, { title: "c" });
    expect(issue.title).toBe("c");
    expect(conflicts).toEqual([
      {
        kind: "both-changed",
        id: "bd-a",
        path: ["title"],
        base: "a",
        ours: "b",
        theirs: "c",
        took: "theirs",
      },
    ]);
  });

  it("what goes with a status comes from the side whose status won, and closed_at is there exactly when it must be", () => {
    const closed = { status: "closed", closed_at: at(1), close_reason: "done" };
    expect(mergeOf({}, closed, { title: "x" }).issue).toMatchObject(closed);
    const { issue } = mergeOf({}, closed, { status: "in_progress", assignee: "bob" });
    expect(issue).toMatchObject({ status: "in_progress", assignee: "bob" });
    expect(issue).not.toHaveProperty("closed_at");
    const reopened = mergeOf(closed, { status: "open" }, { ...closed, close_reason: "really done" });
    expect(reopened.issue.status).toBe("open");
    expect(reopened.issue).not.toHaveProperty("closed_at");
  });

  it("orders of both sides that contradict each other do not come to the old one", () => {
    const base = { labels: ["p", "q", "r"] };
    const [ours, theirs] = [{ labels: ["q", "p", "r"] }, { labels: ["p", "r", "q"] }];
    const { labels } = mergeOf(base, ours, theirs).issue;
    expect(labels).toEqual(theirs.labels);
    expect(mergeOf(base, theirs, ours).issue.labels).toEqual(labels);
    expect(mergeOf(base, ours, { labels }).issue.labels).toEqual(labels); // merged again with what was merged
  });

  it("labels and dependencies are sets: additions of both, removals of either", () => {
    const { issue, conflicts } = mergeOf(
      { labels: ["a", "b"], dependencies: [dependencyOf("bd-a", "bd-x"), dependencyOf("bd-a", "bd-y")] },
      { labels: ["b", "c"], dependencies: [dependencyOf("bd-a", "bd-y"), dependencyOf("bd-a", "bd-z")] },
      {
        labels: ["a", "b", "d"],
        dependencies: [
          dependencyOf("bd-a", "bd-x", "blocks"),
          dependencyOf("bd-a", "bd-y", "blocks"),
          dependencyOf("bd-a", "bd-y", "related"),
        ],
      },
    );
    expect(new Set(issue.labels)).toEqual(new Set(["b", "c", "d"]));
    expect(issue.dependencies?.map((each) => `${each.type} ${each.depends_on_id}`).toSorted()).toEqual([
      "blocks bd-y",
      "blocks bd-z",
      "related bd-y",
    ]);
    expect(conflicts).toEqual([]);
  });

  it("comments of two clones with one number are both kept, each with a number of its own", () => {
    const comment = (id: number, author: string, minute: number) => ({
      id,
      issue_id: "bd-a",
      author,
      text: "same",
      created_at: at(minute),
    });
    const shared = comment(1, "ann", 1);
    const { issue, conflicts } = mergeOf(
      { comments: [shared] },
      { comments: [shared, comment(2, "bob", 3)] },
      { comments: [shared, comment(2, "cy", 2)] },
    );
    expect(
      issue.comments?.map(({ id, author }) => [id, author]).toSorted(([a], [b]) => Number(a) - Number(b)),
    ).toEqual([
      [1, "ann"],
      [2, "cy"],
      [3, "bob"],
    ]);
    expect(conflicts).toEqual([]);
  });

  it("comments whose author is a number past 2^53 are told apart by its digits", () => {
    const comment = (author: bigint) => ({ id: 1, author, text: "t", created_at: at(0) }) as never;
    const { issue } = mergeOf(
      {},
      { comments: [comment(2n ** 60n)] },
      { comments: [comment(2n ** 60n + 1n)] },
    );
    expect(issue.comments?.map(({ author, id }) => [author, id])).toEqual([
      [2n ** 60n, 1],
      [2n ** 60n + 1n, 2],
    ]);
  });

  it("comments whose id another program left out stay as they are", () => {
    const comment = (text: string): Comment => ({ author: "ann", text, created_at: at(0) }) as Comment;
    const { issue } = mergeOf({}, { comments: [comment("a")] }, { comments: [comment("b"), comment("c")] });
    expect(issue.comments).toEqual([comment("a"), comment("b"), comment("c")]);
  });

  it("notes that both added to are joined, objects are merged member by member, and a lease by its token", () => {
    const lease = (token: string) => ({
      holder: "h",
      token,
      acquiredAt: at(1),
      renewedAt: at(1),
      expiresAt: at(9),
      leaseMs: 1,
      graceMs: 0,
    });
    const { issue, conflicts } = mergeOf(
      { notes: "n", metadata: { a: 1, deep: { x: 1, y: 1 } }, flockwork_lease: lease("5") },
      { notes: "n\nours", metadata: { a: 2, deep: { x: 2, y: 1 } }, flockwork_lease: lease("70") },
      { notes: "n\ntheirs", metadata: { a: 1, deep: { x: 1, y: 3 }, b: 1 }, flockwork_lease: lease("8") },
    );
    expect(issue.notes).toBe("n\nours\ntheirs");
    expect(issue.metadata).toEqual({ a: 2, deep: { x: 2, y: 3 }, b: 1 });
    expect(issue.flockwork_lease?.token).toBe("70");
    expect(conflicts).toEqual([]);
    const clash = mergeOf(
      { metadata: { a: { b: 1 } } },
      { metadata: { a: { b: 2 } } },
      { metadata: { a: { b: 3 } } },
    );
    expect(clash.conflicts).toMatchObject([{ path: ["metadata", "a", "b"], took: "theirs" }]);
  });
});

describe("what another program may have left anywhere", () => {
  const evil = { valueOf: 1, toString: 1 };

  it("waiters that are not all words are merged whole, and the conflict says between what", () => {
    for (const waiters of [[evil], "ann", 5]) {
      const { issue, conflicts } = mergeOf({}, { waiters: ["a"] }, { waiters: waiters as never });
      expect(issue.waiters).toEqual(waiters);
      expect(conflicts).toMatchObject([{ path: ["waiters"], ours: ["a"], theirs: waiters, took: "theirs" }]);
    }
    expect(mergeOf({}, { waiters: null as never }, { waiters: ["a"] }).issue.waiters).toEqual(["a"]);
  });

  it("fields that are called as what every object has are fields", () => {
    for (const key of ["toString", "constructor", "hasOwnProperty"]) {
      for (const [ours, theirs] of [
        [{ [key]: 1 }, { notes: "n" }],
        [{ notes: "n" }, { [key]: 1 }],
      ] as const) {
        const { issue, conflicts } = mergeOf(undefined, ours, theirs);
        expect(Object.entries(issue)).toContainEqual([key, 1]);
        expect(conflicts).toEqual([]);
      }
    }
    const texts = [{ toString: 1 } as object, { notes: "n" }].map((fields) =>
      JSON.stringify(issueOf("bd-a", fields)),
    );
    const { text } = mergeIssueTexts({ base: "", ours: texts[0] ?? "", theirs: texts[1] ?? "" });
    expect(Object.entries(JSON.parse(text) as object)).toContainEqual(["toString", 1]);
  });

  it.each([
    ["a creator that is none", "bd-a", { created_by: evil as never }],
    ["lists that are null", "bd-a", { dependencies: null as never, comments: null as never }],
    ["more levels than bd has", "bd-a.1.2.3.4", {}],
    ["an id that nothing can be added to", `${"p".repeat(126)}-a`, {}],
    ["a number that nothing can be added to", `${"p".repeat(126)}.9`, {}],
  ])("%s: two issues of one id are both kept, under ids that can be read", (_, id, fields) => {
    const texts = [
      issueOf(id, { title: "first", created_at: at(1) }),
      issueOf(id, { title: "later", created_at: at(2), ...fields }),
    ].map((issue) => JSON.stringify(issue)) as [string, string];
    const { text } = mergeIssueTexts({ base: "", ours: texts[0], theirs: texts[1] });
    const { text: again } = mergeIssueTexts({ base: text, ours: text, theirs: text }); // can be read
    expect(again.trim().split("\n")).toHaveLength(2);
    expect(text).toContain('"first"');
    expect(text).toContain('"later"');
  });

  it("a key __proto__ is refused, however it is spelled", () => {
    const sound = JSON.stringify(issueOf("bd-a", { metadata: { k: 1 } }));
    for (const key of ["__proto__", "\\u005f_proto__", "__pr\\u006fto__"]) {
      const theirs = sound.replace('"k"', `"${key}"`);
      expect(() => mergeIssueTexts({ base: "", ours: sound, theirs })).toThrow(/__proto__/);
    }
  });

  it("a priority past 2^53 can be merged, as it can be read", () => {
    const line = (title: string): string =>
      JSON.stringify(issueOf("bd-a", { title })).replace('"priority":2', '"priority":9007199254740993');
    const { text } = mergeIssueTexts({ base: line("a"), ours: line("a"), theirs: line("b") });
    expect(text).toBe(`${line("b")}\n`);
  });

  it("nothing is later than the last instant: that stays", () => {
    const last = "9999-12-31T23:59:59.999999999Z";
    const { issue } = mergeOf({}, { title: "o", updated_at: last }, { notes: "n" });
    expect(issue).toMatchObject({ title: "o", notes: "n", updated_at: last });
  });
});

it("versions without updated_at get none, and a policy that is none is refused", () => {
  const { updated_at: _, ...bare } = issueOf("bd-a");
  const [base, ours, theirs] = [bare, { ...bare, title: "o" }, { ...bare, notes: "n" }] as Issue[];
  if (base === undefined || ours === undefined || theirs === undefined) throw new Error("unreachable");
  expect(mergeIssues([base], [ours], [theirs]).issues).toEqual([{ ...bare, title: "o", notes: "n" }]);
  expect(() => mergeIssues([], [], [], { deleteVersusModify: "deletes" as never })).toThrow(TypeError);
});

describe("whole issues", () => {
  const [base, changed] = [issueOf("bd-a"), issueOf("bd-a", { title: "changed", updated_at: at(5) })];
  const tombstone = issueOf("bd-a", { status: "tombstone", deleted_at: at(1), updated_at: at(1) });

  it("taken out by one side and left alone by the other is gone; changed by the other, the policy decides", () => {
    expect(mergeIssues([base], [], [base])).toEqual({ issues: [], conflicts: [] });
    expect(mergeIssues([base], [], [changed])).toMatchObject({
      issues: [changed],
      conflicts: [{ kind: "delete-modify", took: "theirs" }],
    });
    expect(mergeIssues([base], [changed], [], { deleteVersusModify: "delete" })).toMatchObject({
      issues: [],
      conflicts: [{ kind: "delete-modify", took: "theirs" }],
    });
    expect(mergeIssues([], [], [base]).issues).toEqual([base]);
  });

  it("a tombstone wins over any change, under every policy, and can be undone on purpose", () => {
    for (const [ours, theirs] of [
      [tombstone, changed],
      [changed, tombstone],
    ] as const) {
      expect(mergeIssues([base], [ours], [theirs])).toMatchObject({
        issues: [tombstone],
        conflicts: [{ kind: "delete-modify" }],
      });
    }
    expect(mergeIssues([base], [tombstone], [base])).toEqual({ issues: [tombstone], conflicts: [] });
    expect(mergeIssues([base], [tombstone], [], { deleteVersusModify: "delete" }).issues).toEqual([
      tombstone,
    ]);
    expect(mergeIssues([tombstone], [tombstone], [changed])).toEqual({ issues: [changed], conflicts: [] });
  });

  it("two issues that got one id apart are both kept, and what named the later one still does", () => {
    const mine = issueOf("bd-7", { title: "mine", created_at: at(1) });
    const yours = issueOf("bd-7", { title: "yours", created_at: at(2) });
    const child = issueOf("bd-8", { dependencies: [dependencyOf("bd-8", "bd-7", "parent-child")] });
    const { issues, conflicts } = mergeIssues([], [mine], [yours, child]);
    const [conflict] = conflicts;
    expect(conflict).toMatchObject({ kind: "same-id", id: "bd-7", took: "both" });
    const renamed = issues.find(({ title }) => title === "yours");
    expect(renamed?.id).toBe(conflict?.renamedTo);
    expect(issues.find(({ title }) => title === "mine")?.id).toBe("bd-7");
    expect(issues.find(({ id }) => id === "bd-8")?.dependencies?.[0]?.depends_on_id).toBe(renamed?.id);
    const swapped = mergeIssues([], [yours, child], [mine]);
    expect(new Map(swapped.issues.map((issue) => [issue.id, issue]))).toEqual(
      new Map(issues.map((issue) => [issue.id, issue])),
    );
    expect(mergeIssues([], [...issues], [yours, child]).issues).toHaveLength(3);
  });
});

describe("any three versions", () => {
  const field = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const version = fc.record({
    title: fc.constantFrom("a", "b", "c"),
    priority: fc.integer({ min: 0, max: 4 }),
    status: fc.constantFrom("open", "closed", "in_progress", "tombstone"),
    notes: field(fc.constantFrom("n", "n\nx", "n\ny", "z")),
    labels: field(fc.uniqueArray(fc.constantFrom("p", "q", "r"), { maxLength: 3 })),
    metadata: field(
      fc.record({ m: field(fc.integer({ min: 0, max: 2 })), o: fc.constantFrom({ k: 1 }, { k: 2 }, 3) }),
    ),
    unknown_field: field(fc.constantFrom(1, "1", [1], null)),
    updated_at: fc.constantFrom(at(1), at(2), at(3), "2026-01-01T01:02:00+01:00"),
  });
  const side = fc.uniqueArray(fc.tuple(fc.constantFrom("bd-a", "bd-b", "bd-c"), version), {
    selector: ([id]) => id,
  });
  const issuesOf = (pairs: readonly (readonly [string, object])[]): Issue[] =>
    pairs.map(([id, fields]) => ({
      ...issueOf(id),
      ...(Object.fromEntries(
        Object.entries(fields).filter(([, value]) => value !== undefined),
      ) as Partial<Issue>),
      ...((fields as Issue).status === "closed" && { closed_at: at(1) }),
      ...((fields as Issue).status === "tombstone" && { deleted_at: at(1) }),
    }));
  const textOf = (issues: readonly Issue[]): string =>
    issues.map((issue) => `${JSON.stringify(issue)}\n`).join("");

  it("merge the same whichever side is which, and merging the result again changes nothing", () => {
    fc.assert(
      fc.property(side, side, side, (b, o, t) => {
        const [base, ours, theirs] = [b, o, t].map((each) => textOf(issuesOf(each))) as [
          string,
          string,
          string,
        ];
        const merged = mergeIssueTexts({ base, ours, theirs });
        const swapped = mergeIssueTexts({ base, ours: theirs, theirs: ours });
        expect(swapped.text).toBe(merged.text);
        expect(swapped.conflicts.length).toBe(merged.conflicts.length);
        expect(mergeIssueTexts({ base, ours: merged.text, theirs: merged.text }).text).toBe(merged.text);
        expect(mergeIssueTexts({ base: theirs, ours: merged.text, theirs }).text).toBe(merged.text);
        expect(mergeIssueTexts({ base, ours: merged.text, theirs }).text).toBe(merged.text);
      }),
      { numRuns: 500 },
    );
  });
});
