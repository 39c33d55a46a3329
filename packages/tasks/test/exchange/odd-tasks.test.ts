import { describe, expect, it } from "vitest";
import {
  fromBacklog,
  fromBeads,
  toBacklog,
  toBeads,
  toTaskMaster,
  type FlowForgeTask,
  type Loss,
} from "../../src/index.ts";

/** What `String()`, templates and arithmetic throw for. */
const evil = { valueOf: 1, toString: 1 };
const shown = JSON.stringify(evil);

/** A task as a list gives it: of what a script wrote, only the ids are sure. */
const odd = (fields: object): readonly FlowForgeTask[] => [
  { id: "a-1", title: "t", ...fields } as FlowForgeTask,
];
const said = (losses: readonly Loss[]): readonly string[] =>
  losses.map(({ field, fate }) => `${field} ${fate}`);

describe("tasks on their way out of which a script has made anything", () => {
  it("beads: hours that are no number lie aside and come back", () => {
    for (const hours of [evil, "2", 1e308]) {
      const { records, losses } = toBeads(odd({ estimatedHours: hours }));
      expect(records[0]).not.toHaveProperty("estimated_minutes");
      expect(said(losses)).toEqual(["estimatedHours aside"]);
      expect(fromBeads(records).tasks[0]).toMatchObject({ estimatedHours: hours });
      expect(toBeads(fromBeads(records).tasks).records).toEqual(records);
    }
    expect(toBeads(odd({ estimatedHours: null })).losses).toEqual([]);
  });

  it("beads: other fields go out in words, and an unknown priority as medium", () => {
    const fields = {
      title: 5,
      status: evil,
      priority: "urgent",
      tags: [5, evil],
      createdAt: 5,
      description: null,
    };
    const { records, losses } = toBeads(odd(fields));
    expect(records[0]).toMatchObject({ title: "5", priority: 2, labels: ["5", shown], created_at: "5" });
    expect(records[0]).not.toHaveProperty("description");
    expect(said(losses).toSorted()).toEqual([
      "createdAt changed",
      "priority changed",
      "status changed",
      "tags changed",
      "title changed",
    ]);
  });

  it.each([
    [{}, ["{}"]],
    [{ a: 1 }, ['{"a":1}']],
    [[null], ["null"]],
    [
      ["look", 5, { title: "b" }],
      ["look", "5", "b"],
    ],
    [[{ id: evil, title: evil }], [shown]],
  ])("task-master and Backlog.md: small steps that are %j go out in words", (microtasks, titles) => {
    const { file, losses } = toTaskMaster(odd({ microtasks }));
    const subtasks = file["master"]?.tasks[0]?.["subtasks"] as readonly { readonly title: string }[];
    expect(subtasks.map(({ title }) => title)).toEqual(titles);
    expect(said(losses)).toEqual(["microtasks changed"]);
    const { files, losses: same } = toBacklog(odd({ microtasks }));
    const lines = files[0]?.text.split("\n") ?? [];
    for (const title of titles) expect(lines.filter((line) => line.endsWith(` ${title}`))).toHaveLength(1);
    expect(said(same)).toEqual(["microtasks changed"]);
  });

  it("Backlog.md: every field goes out in words, in a file that can be read again", () => {
    const fields = {
      title: 5,
      description: evil,
      status: evil,
      priority: 7,
      assignee: ["me"],
      createdAt: 5,
      updatedAt: evil,
      tags: [5],
      milestone: { name: "m" },
      microtasks: "look",
    };
    const { files, losses } = toBacklog(odd(fields));
    expect(said(losses)).toEqual(Object.keys(fields).map((field) => `${field} changed`));
    expect(files[0]?.name).toBe("a-1 - 5.md");
    expect(fromBacklog(files).tasks).toMatchObject([
      {
        title: "5",
        description: shown,
        priority: "7",
        assignee: '["me"]',
        createdAt: "5",
        updatedAt: shown,
        tags: ["5"],
        milestone: '{"name":"m"}',
        microtasks: [{ id: 1, title: "look" }],
      },
    ]);
    expect(toBacklog(odd({ description: null, tags: null, createdAt: null })).losses).toEqual([]);
  });

  it("Backlog.md: what was kept aside goes out in words too, and what no head can hold is reported", () => {
    const kept = { ordinal: 4, rank: [5, evil], owner: evil, none: null, "no name": "x", body: 5 };
    const { files, losses } = toBacklog(odd({ origin: { format: "backlog", fields: kept } }));
    expect(said(losses)).toEqual([
      "no name lost",
      "ordinal changed",
      "rank changed",
      "owner changed",
      "body changed",
    ]);
    expect(fromBacklog(files).tasks).toMatchObject([
      { origin: { fields: { ordinal: "4", rank: ["5", shown], owner: shown, body: "5" } } },
    ]);
  });
});
