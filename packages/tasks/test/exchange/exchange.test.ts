import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  fromBacklog,
  fromBeads,
  fromTaskMaster,
  openTasks,
  toBacklog,
  toBeads,
  toTaskMaster,
} from "../../src/index.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

const rich = {
  id: 7,
  title: "Rich",
  description: "All of it",
  status: "in_progress",
  priority: "high",
  assignee: "me",
  estimatedHours: 1.5,
  tags: ["a", "b: c"],
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-02T00:00:00.000Z",
  microtasks: [{ id: 1, title: "look", completed: true }],
  dependencies: [3],
  billing: { billable: true, rate: 90 },
} as const;

describe("task-master", () => {
  const file = {
    master: {
      tasks: [
        {
          id: 1,
          title: "A",
          description: "d",
          status: "done",
          priority: "high",
          dependencies: [],
          details: "how",
          testStrategy: "so",
          subtasks: [
            { id: 1, title: "s", status: "done", dependencies: [] },
            { id: 2, title: "t", status: "in-progress", details: "x", dependencies: [1] },
          ],
          metadata: { sprint: "Q1" },
        },
        {
          id: 2,
          title: "B",
          description: "",
          status: "review",
          priority: "low",
          dependencies: [1],
          subtasks: [],
        },
      ],
    },
  };

  it("comes in, says what has no field, and goes out as it was", () => {
    const { tasks, losses } = fromTaskMaster(file);
    expect(tasks).toMatchObject([
      { id: 1, status: "completed", microtasks: [{ title: "s", completed: true }, {}] },
      { id: 2, status: "in_progress", dependencies: [1] },
    ]);
    expect(losses.map(({ id, field, fate }) => `${id} ${field} ${fate}`)).toEqual([
      "1 details aside",
      "1 testStrategy aside",
      "1 metadata aside",
      "2 status aside",
    ]);
    expect(toTaskMaster(tasks).file).toEqual(file);
  });

  it("keeps FlowForge's own fields on the way there and back, and reports a claim as lost", () => {
    const claim = { holder: "me" } as never;
    const { file: made, losses } = toTaskMaster([{ ...rich, claim }], { tag: "branch" });
    expect(losses.filter(({ fate }) => fate === "lost").map(({ field }) => field)).toEqual(["claim"]);
    expect(fromTaskMaster(made).tasks).toEqual([rich]);
  });

  it("reads the untagged file, one of several lists by its tag, and refuses what is neither", () => {
    expect(fromTaskMaster({ tasks: [{ id: "4" }] }).tasks).toMatchObject([{ id: 4, status: "pending" }]);
    const two = { a: { tasks: [{ id: 1 }] }, b: { tasks: [{ id: 2 }] } };
    expect(fromTaskMaster(two, { tag: "b" }).tasks).toMatchObject([{ id: 2 }]);
    for (const [bad, tag] of [
      [two, undefined],
      [two, "c"],
      [[], undefined],
      ["x", undefined],
      [{ master: { tasks: [{}] } }, undefined],
    ] as const)
      expect(() => fromTaskMaster(bad, { tag })).toThrow(
        expect.objectContaining({ code: "ERR_TASK_FORMAT" }),
      );
  });
});

const sorted = (list: unknown): readonly string[] =>
  (list as readonly unknown[]).map((each) => JSON.stringify(each)).toSorted((a, b) => (a < b ? -1 : 1));

describe("beads", () => {
  it("keeps FlowForge's own fields on the way there and back", () => {
    const { records, losses } = toBeads([
      rich,
      { ...rich, id: "bd-3", status: "cancelled", dependencies: [] },
    ]);
    expect(records[0]).toMatchObject({
      id: "ff-7",
      status: "in_progress",
      priority: 1,
      estimated_minutes: 90,
      dependencies: [{ depends_on_id: "ff-3", type: "blocks" }],
    });
    expect(losses.filter(({ fate }) => fate === "changed").map(({ field }) => field)).toEqual([
      "id",
      "status",
    ]);
    expect(fromBeads(records).tasks[0]).toMatchObject({ ...rich, id: "ff-7", dependencies: ["ff-3"] });
  });

  it("passes over what is no issue, and refuses what is nothing", () => {
    const { tasks, losses } = fromBeads([
      { _schema: "x" },
      { _type: "memory", key: "k" },
      { id: "bd-1", status: "tombstone" },
      { id: "bd-2", title: "x", priority: 4 },
    ]);
    expect(tasks).toMatchObject([{ id: "bd-2", priority: "low" }]);
    expect(losses.map(({ id, fate }) => `${id} ${fate}`)).toEqual([
      "- lost",
      "k lost",
      "bd-1 lost",
      "bd-2 aside",
    ]);
    expect(() => fromBeads([7])).toThrow(expect.objectContaining({ code: "ERR_TASK_FORMAT" }));
    expect(() => fromBeads([{ title: "x" }])).toThrow(expect.objectContaining({ code: "ERR_TASK_FORMAT" }));
  });

  const data = fileURLToPath(
    new URL("../../../../../shared/data/beads/issues-2026-02-27.jsonl", import.meta.url),
  );
  it.skipIf(!existsSync(data))(
    "takes in the real issues of a project and gives every one of them back, field by field",
    async () => {
      const lines = readFileSync(data, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const { tasks } = fromBeads(lines);
      expect(toBeads(tasks).records.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
      const directory = temporaryDirectory();
      place(directory, ".flowforge/tasks.json", { tasks: [] });
      const list = openTasks(directory);
      await list.batchUpdateTasks(tasks.map((task) => ({ ...task, dependencies: [] })));
      expect((await list.statistics()).total).toBe(tasks.length);
      const back = new Map(toBeads(tasks).records.map((record) => [record["id"], record]));
      for (const line of lines) {
        const record = back.get(line["id"]);
        if (record === undefined) continue;
        for (const [field, value] of Object.entries(line)) {
          if (
            field === "_type" ||
            value === null ||
            value === "" ||
            (Array.isArray(value) && value.length === 0)
          )
            continue;
          if (field === "dependencies")
            expect(sorted(record[field]), String(line["id"])).toEqual(sorted(value));
          else expect(record[field], `${String(line["id"])} ${field}`).toEqual(value);
        }
      }
    },
  );
});

describe("Backlog.md", () => {
  const text = `---
id: task-12
title: 'Write: it''s "down"'
status: In Progress
assignee:
  - '@me'
created_date: '2026-01-02 03:04'
labels: [docs, "a, b"]
dependencies: []
priority: high
ordinal: 4000
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
Say what it is.
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [x] #1 It is written
- [ ] #2 It is read

## Implementation Plan

1. Begin
`;

  it("comes in with its criteria as microtasks, and goes out again", () => {
    const { tasks, losses } = fromBacklog([{ name: "task-12.md", text }]);
    expect(tasks).toEqual([
      {
        id: "task-12",
        title: `Write: it's "down"`,
        description: "Say what it is.",
        status: "in_progress",
        priority: "high",
        assignee: "@me",
        createdAt: "2026-01-02 03:04",
        tags: ["docs", "a, b"],
        dependencies: [],
        microtasks: [
          { id: 1, title: "It is written", completed: true },
          { id: 2, title: "It is read", completed: false },
        ],
        origin: {
          format: "backlog",
          fields: { ordinal: "4000", body: "## Implementation Plan\n\n1. Begin" },
        },
      },
    ]);
    expect(losses.map(({ field, fate }) => `${field} ${fate}`)).toEqual(["ordinal aside", "body aside"]);
    const { files, losses: none } = toBacklog(tasks);
    expect(none).toEqual([]);
    expect(files[0]?.name).toBe("task-12 - Write- it-s -down-.md");
    expect(fromBacklog(files).tasks).toEqual(tasks);
  });

  it("reports what Markdown has no place for, and refuses a file without a head", () => {
    const { losses } = toBacklog([{ ...rich, status: "blocked" }]);
    expect(losses.map(({ field, fate }) => `${field} ${fate}`)).toEqual([
      "estimatedHours lost",
      "billing lost",
      "status changed",
    ]);
    for (const bad of [
      "# No head",
      "---\ntitle: x\n---\n",
      "---\nid: 1\nnested:\n  a: {b: 1\n",
      "---\nid: 1\n? x\n---\n",
    ])
      expect(() => fromBacklog([{ name: "x.md", text: bad }])).toThrow(
        expect.objectContaining({ code: "ERR_TASK_FORMAT" }),
      );
  });
});
