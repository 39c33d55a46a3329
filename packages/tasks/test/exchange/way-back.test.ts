import { describe, expect, it } from "vitest";
import {
  fromBacklog,
  fromBeads,
  fromTaskMaster,
  toBacklog,
  toBeads,
  toTaskMaster,
  type FlowForgeTask,
} from "../../src/index.ts";

const said = (
  losses: readonly { readonly id: string; readonly field: string; readonly fate: string }[],
): readonly string[] => losses.map(({ id, field, fate }) => `${id} ${field} ${fate}`);
const change = (tasks: readonly FlowForgeTask[], fields: Partial<FlowForgeTask>): readonly FlowForgeTask[] =>
  tasks.map((task) => ({ ...task, ...fields }));

describe("what was kept aside and what was changed since", () => {
  it("beads: a change made here goes back, and what nobody touched goes back as it came", () => {
    const record = {
      id: "bd-1",
      title: "a",
      status: "hooked",
      priority: 4,
      created_at: "c",
      updated_at: "u",
    };
    const { tasks, losses } = fromBeads([record]);
    expect(said(losses)).toEqual(["bd-1 priority aside"]);
    expect(toBeads(tasks).records).toEqual([record]);
    const done = change(tasks, { status: "completed", completedAt: "d" });
    expect(toBeads(done).records).toEqual([{ ...record, status: "closed", closed_at: "d" }]);
    expect(toBeads(change(tasks, { priority: "critical" })).records).toEqual([{ ...record, priority: 0 }]);
  });

  it("Backlog.md: the same", () => {
    const head = (status: string, assignees: string): string =>
      `---\nid: task-7\ntitle: a\nstatus: ${status}\nassignee:${assignees}\nlabels: []\ndependencies: []\n---\n`;
    const text = head("Blocked", "\n  - x\n  - y");
    const { tasks, losses } = fromBacklog([{ name: "a.md", text }]);
    expect(said(losses)).toEqual(["task-7 status aside", "task-7 assignee aside"]);
    expect(toBacklog(tasks)).toMatchObject({ files: [{ text }], losses: [] });
    const done = toBacklog(change(tasks, { status: "completed" })).files;
    expect(done[0]?.text).toBe(head("Done", "\n  - x\n  - y"));
    expect(toBacklog(change(tasks, { assignee: "z" })).files[0]?.text).toBe(head("Blocked", "\n  - z"));
  });

  it("task-master: the same, and texts that mean the same as one of its words", () => {
    const entry = { id: "1", title: "a", description: "", status: "completed", priority: "urgent" };
    const file = { master: { tasks: [{ ...entry, dependencies: [], subtasks: [] }] } };
    const { tasks, losses } = fromTaskMaster(file);
    expect(tasks).toMatchObject([{ id: 1, status: "completed" }]);
    expect(said(losses)).toEqual(["1 id aside", "1 status aside", "1 priority aside"]);
    expect(toTaskMaster(tasks)).toEqual({ file, losses: [] });
    const again = toTaskMaster(change(tasks, { status: "pending", priority: "low" })).file["master"];
    expect(again?.tasks).toMatchObject([{ id: "1", status: "pending", priority: "low" }]);
  });
});

describe("nothing is dropped without a word", () => {
  it("values of other types are kept aside and given back", () => {
    const entry = { id: 1, title: 5, description: 7, status: true, priority: "urgent", dependencies: "2" };
    const file = {
      master: { tasks: [{ ...entry, subtasks: ["look", { id: 1, title: "b", status: "done" }] }] },
    };
    const { tasks, losses } = fromTaskMaster(file);
    expect(losses.map(({ field }) => field).toSorted()).toEqual([
      "dependencies",
      "description",
      "priority",
      "status",
      "subtasks",
      "title",
    ]);
    expect(toTaskMaster(tasks).file).toEqual(file);
    const bead = { id: "b-1", title: 5, priority: "P1", status: 0, estimated_minutes: 1.5, created_at: "c" };
    const beads = fromBeads([bead]);
    expect(beads.losses).toHaveLength(4);
    expect(toBeads(beads.tasks).records).toMatchObject([bead]);
  });

  it("statuses and priorities that the other tool has not are reported", () => {
    const { file, losses } = toTaskMaster([{ id: 1, title: "a", status: "ready", priority: "critical" }]);
    expect(file["master"]?.tasks).toMatchObject([{ status: "pending", priority: "high" }]);
    expect(said(losses)).toEqual(["1 status changed", "1 priority changed"]);
  });

  it("so is what a section of Markdown holds beside its text or its checkboxes", () => {
    const text =
      "---\nid: 1\n---\n## Description\na <!-- hidden -->\n## Acceptance Criteria\n- [ ] b\nprose\n";
    expect(said(fromBacklog([{ name: "a.md", text }]).losses)).toEqual([
      "1 Description lost",
      "1 Acceptance Criteria lost",
    ]);
  });

  it("a small step that is done goes out as done, in whichever form scripts wrote it", () => {
    const microtasks = [
      { id: 1, title: "a", completed: true },
      { id: 2, title: "b", done: true },
      { id: 3, title: "c", status: "completed" },
      { id: 4, title: "d", done: false },
      "e",
    ] as NonNullable<FlowForgeTask["microtasks"]>;
    const tasks = [{ id: 1, title: "a", microtasks }];
    const subtasks = toTaskMaster(tasks).file["master"]?.tasks[0]?.["subtasks"] as { status: string }[];
    expect(subtasks.map(({ status }) => status)).toEqual(["done", "done", "done", "pending", "pending"]);
    expect(toBacklog(tasks).files[0]?.text.match(/\[.\] #/g)).toEqual([
      "[x] #",
      "[x] #",
      "[x] #",
      "[ ] #",
      "[ ] #",
    ]);
  });
});
