import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { normalizeStatus, openTasks, type FlowForgeTasks, type TaskFields } from "../../src/index.ts";
import { namesBelow, place, temporaryDirectory } from "../support/surroundings.ts";

function project(file?: unknown): {
  readonly tasks: FlowForgeTasks;
  readonly path: string;
  readonly text: () => string;
} {
  const directory = temporaryDirectory();
  const path = join(directory, ".flowforge/tasks.json");
  place(directory, ".flowforge/.keep", "");
  if (file !== undefined) place(directory, ".flowforge/tasks.json", file);
  return { tasks: openTasks(directory), path, text: () => readFileSync(path, "utf8") };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe("a list of tasks", () => {
  it("creates, reads, changes and removes tasks, with FlowForge's fields", async () => {
    const { tasks, text } = project();
    expect(await tasks.list()).toEqual([]);
    const { task } = await tasks.create({ title: "First", priority: "high", estimatedHours: 2 });
    expect(task).toMatchObject({
      id: 1,
      status: "pending",
      microtasks: [],
      dependencies: [],
      estimatedHours: 2,
    });
    const second = await tasks.create({ title: "Second", dependencies: [1] });
    expect(second.task.id).toBe(2);
    expect(JSON.parse(text())).toMatchObject({ version: "2.0.0", timeSessions: {}, milestones: [] });

    const receipt = await tasks.update("1", { title: "First!", tags: ["a"], estimatedHours: undefined });
    expect(receipt.changed).toEqual(["title", "tags", "estimatedHours"]);
    expect(await tasks.get(1)).toEqual({
      ...task,
      title: "First!",
      tags: ["a"],
      estimatedHours: undefined,
      updatedAt: receipt.task.updatedAt,
    });
    await tasks.remove(1);
    expect(await tasks.get(1)).toBeUndefined();
    expect((await tasks.get(2))?.dependencies).toEqual([]);
  });

  it("P5: refuses what cannot be done, and has changed nothing", async () => {
    const { tasks, text } = project({
      tasks: [
        { id: 1, status: "pending" },
        { id: 2, status: "completed" },
      ],
    });
    const before = text();
    expect(await codeOf(tasks.update(9, { title: "x" }))).toBe("ERR_TASK_NOT_FOUND");
    expect(await codeOf(tasks.remove(9))).toBe("ERR_TASK_NOT_FOUND");
    expect(await codeOf(tasks.create({ id: 1, title: "x" }))).toBe("ERR_TASK_EXISTS");
    expect(await codeOf(tasks.create({ title: "x", dependencies: [7] }))).toBe("ERR_TASK_NOT_FOUND");
    expect(await codeOf(tasks.setStatus(2, "cancelled"))).toBe("ERR_TASK_TRANSITION");
    expect(await codeOf(tasks.update(1, { title: "x" }, { expected: { status: "blocked" } }))).toBe(
      "ERR_TASK_CONFLICT",
    );
    await expect(tasks.update(1, { status: "nonsense" })).rejects.toThrow(TypeError);
    await expect(tasks.update(1, { claim: {} } as never)).rejects.toThrow(/claim/);
    await expect(
      tasks.update(1, () => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await expect(tasks.update(1, { note: Number.NaN })).rejects.toMatchObject({
      code: "ERR_DOCUMENT_INVALID",
    });
    expect(text()).toBe(before);
  });

  it("P10: refuses values of other types than FlowForge's, and keeps those that scripts wrote", async () => {
    const { tasks, text } = project({ tasks: [{ id: 1, tags: "by a script", billing: "none", title: "x" }] });
    const before = text();
    const wrong = [
      { title: 5 },
      { priority: "urgent" },
      { tags: "ci" },
      { assignee: 7 },
      { estimatedHours: "3" },
      { microtasks: "look" },
      { billing: "abc" },
      { dependencies: "1" },
      null,
      "title",
      ["title"],
    ] as unknown as readonly Partial<TaskFields>[];
    for (const fields of wrong) {
      await expect(tasks.create(fields)).rejects.toThrow(TypeError);
      await expect(tasks.update(1, fields)).rejects.toThrow(TypeError);
      await expect(tasks.update(1, () => fields)).rejects.toThrow(TypeError);
    }
    await expect(tasks.update(1, { id: 2 })).rejects.toThrow("cannot be changed");
    expect(text()).toBe(before);
    const read = { ...(await tasks.get(1)) };
    expect((await tasks.update(1, { ...read, title: "y" })).changed).toEqual(["title"]);
    expect((await tasks.update(1, { billing: { rate: 90 } })).task.billing).toEqual({ rate: 90 });
    const due = new Date(0);
    expect((await tasks.update(1, { due })).task).toMatchObject({ due: due.toJSON() });
    expect(await tasks.get(1)).toMatchObject({ due: due.toJSON() });
  });

  it("gives the next whole number, whichever way the others are written", async () => {
    const { tasks } = project({
      tasks: [{ id: "1" }, { id: "12" }, { id: "x-99" }, { id: Number.MAX_SAFE_INTEGER }],
    });
    expect((await tasks.create({ title: "a" })).task.id).toBe(13);
  });

  it("a change that the format refuses fails alone, among others made at the same time", async () => {
    const { tasks } = project({ tasks: [{ id: 1 }, { id: 2 }] });
    const [good, bad, late] = await Promise.allSettled([
      tasks.update(1, { title: "good" }),
      tasks.update(2, { note: Number.NaN }),
      tasks.update(9, {}),
    ]);
    expect([good.status, bad.status, late.status]).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await tasks.get(1)).toMatchObject({ title: "good" });
    expect(await tasks.get(2)).toEqual({ id: 2 });
  });

  it("reads both spellings of a status, and writes the one it finds", async () => {
    const { tasks } = project({
      tasks: [
        { id: 1, status: "in-progress" },
        { id: 2, status: "pending" },
      ],
    });
    expect((await tasks.list({ status: "in_progress" })).map(({ id }) => id)).toEqual([1]);
    await tasks.setStatus(2, "in_progress");
    expect((await tasks.get(2))?.status).toBe("in-progress");
    const other = project({ tasks: [{ id: 1, status: "pending" }] });
    await other.tasks.setStatus(1, "in_progress");
    expect((await other.tasks.get(1))?.status).toBe("in_progress");
    expect(normalizeStatus("In Progress")).toBe("in_progress");
  });

  it("lists and orders tasks of which a script has written anything for a status or a priority", async () => {
    const odd = [null, 7, ["x"], { toString: 1, valueOf: 1 }, "__proto__"];
    const { tasks, text } = project({
      tasks: odd.map((value, at) => ({ id: at + 1, title: "t", status: value, priority: value })),
    });
    const before = text();
    expect(await tasks.list()).toHaveLength(odd.length);
    await tasks.order();
    await tasks.next();
    expect(Object.values((await tasks.statistics()).byPriority)).toEqual([1, 1, 1, 1, 1]);
    expect(text()).toBe(before);
  });

  it("passes over a plan and small steps whose ids a script has made anything", async () => {
    const odd = [null, 7, ["x"], { toString: 1, valueOf: 1 }, "1"];
    const { tasks } = project({
      metadata: { implementation_order: odd },
      tasks: [{ id: 1, title: "t", status: "pending", microtasks: odd.map((id) => ({ id, title: "s" })) }],
    });
    expect(await tasks.order()).toHaveLength(1);
    await tasks.setMicrotask(1, "1", true);
    const last = { id: "1", title: "s", completed: true };
    expect((await tasks.get(1))?.microtasks).toEqual([
      ...odd.slice(0, -1).map((id) => ({ id, title: "s" })),
      last,
    ]);
  });

  it("keeps completedAt in step with the status, and the old status rules apply to no unknown status", async () => {
    const { tasks } = project({ tasks: [{ id: 1, status: "test" }] });
    await tasks.setStatus(1, "completed");
    expect((await tasks.get(1))?.completedAt).toBeTypeOf("string");
    await tasks.setStatus(1, "pending");
    expect((await tasks.get(1))?.completedAt).toBeUndefined();
  });

  it("merges billing field by field, and finds what is billable", async () => {
    const { tasks } = project({
      tasks: [{ id: 1, billing: { billable: true, rate: 90, client: "acme" } }, { id: 2 }],
    });
    await tasks.update(1, { billing: { invoiced: true, invoiceId: "2026-7" } });
    expect((await tasks.get(1))?.billing).toEqual({
      billable: true,
      rate: 90,
      client: "acme",
      invoiced: true,
      invoiceId: "2026-7",
    });
    expect((await tasks.list({ billable: true, client: "acme" })).map(({ id }) => id)).toEqual([1]);
    expect((await tasks.list({ billable: false })).map(({ id }) => id)).toEqual([2]);
  });

  it("adds and marks microtasks of every kind that scripts write", async () => {
    const { tasks } = project({
      tasks: [
        {
          id: 1,
          microtasks: [
            "look",
            { id: 4, done: false },
            { title: "b", status: "pending" },
            { id: 9, title: "c", completed: false, status: "in-progress" },
          ],
        },
      ],
    });
    await tasks.addMicrotask(1, "write");
    for (const name of ["look", 4, "b", 10, "c"]) await tasks.setMicrotask(1, name);
    expect((await tasks.get(1))?.microtasks).toEqual([
      { title: "look", completed: true },
      { id: 4, done: true },
      { title: "b", status: "completed" },
      { id: 9, title: "c", completed: true, status: "completed" },
      { id: 10, title: "write", completed: true },
    ]);
    expect(await codeOf(tasks.setMicrotask(1, "none"))).toBe("ERR_TASK_NOT_FOUND");
  });

  it("counts what a list amounts to", async () => {
    const { tasks } = project({
      tasks: [
        { id: 1, status: "completed", actualHours: 1.5 },
        { id: 2, priority: "high", estimatedHours: 3 },
      ],
    });
    expect(await tasks.statistics()).toEqual({
      total: 2,
      byStatus: { completed: 1, pending: 1 },
      byPriority: { medium: 1, high: 1 },
      settledPercent: 50,
      ready: 1,
      estimatedHours: 3,
      actualHours: 1.5,
    });
  });
});

describe("dependencies", () => {
  it("orders tasks so that each comes after what it waits for, and tells what is ready and next", async () => {
    const { tasks } = project({
      tasks: [
        { id: 1, status: "pending", priority: "critical", dependencies: [3] },
        { id: 2, status: "pending", priority: "low" },
        { id: 3, status: "pending", priority: "low", dependencies: [4, 5] },
        { id: 4, status: "completed" },
        { id: 5, status: "cancelled" },
        { id: 6, status: "pending", priority: "high", dependencies: [77] },
        { id: 7, status: "blocked" },
      ],
    });
    expect((await tasks.order()).map(({ id }) => id)).toEqual([3, 1, 6, 7, 2]);
    expect((await tasks.ready()).map(({ id }) => id)).toEqual([2, 3]);
    expect((await tasks.next())?.id).toBe(2);
    expect(await tasks.blockers(1)).toEqual([3]);
    expect(await tasks.blockers(6)).toEqual([77]);
    await expect(tasks.setStatus(1, "in_progress")).rejects.toMatchObject({
      code: "ERR_TASK_TRANSITION",
      to: "in_progress",
    });
    await tasks.setStatus(1, "in_progress", { force: true });
  });

  it("refuses a cycle, of any length, and names it; a cycle that is there already hinders nobody else", async () => {
    const { tasks, text } = project({
      tasks: [
        { id: 1, dependencies: [2] },
        { id: 2, dependencies: [3] },
        { id: 3 },
        { id: 8, dependencies: [9] },
        { id: 9, dependencies: [8] },
      ],
    });
    const before = text();
    const failure = await tasks.addDependency(3, 1).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ERR_DEPENDENCY_CYCLE", cycle: ["3", "1", "2", "3"] });
    expect(await codeOf(tasks.addDependency(3, 3))).toBe("ERR_DEPENDENCY_CYCLE");
    expect(await codeOf(tasks.updateTaskFile({ id: 3, dependencies: [1] }))).toBe("ERR_DEPENDENCY_CYCLE");
    expect(text()).toBe(before);
    await tasks.update(8, { title: "renamed" });
    await tasks.addDependency(3, 8);
    await tasks.removeDependency(3, "8");
    expect((await tasks.get(3))?.dependencies).toEqual([]);
    expect(await tasks.order()).toHaveLength(5);
  });

  it("P10: takes a chain of ten thousand tasks without overflowing", async () => {
    const tasksOfChain = Array.from({ length: 10_000 }, (_, at) => ({
      id: at + 1,
      dependencies: at === 0 ? [] : [at],
    }));
    const { tasks } = project({ tasks: tasksOfChain });
    expect((await tasks.order()).map(({ id }) => id)).toEqual(tasksOfChain.map(({ id }) => id));
    expect(await codeOf(tasks.addDependency(1, 10_000))).toBe("ERR_DEPENDENCY_CYCLE");
  });
});

describe("the file", () => {
  const variants = {
    "a list of milestones": {
      tasks: [{ id: 1, status: "pending", unknown: { deep: [1] } }],
      milestones: [{ name: "m1", status: "active" }],
      timeSessions: {},
      lastUpdated: "then",
      version: "2.0.0",
    },
    "a map of milestones": { tasks: [{ id: 1 }], milestones: { m1: { status: "active", version: "1" } } },
    "only a current milestone": {
      current_milestone: { name: "m1", completed: 1, total: 4, timeRemaining: "2d" },
      tasks: [{ id: 1 }],
    },
  };

  it.each(Object.entries(variants))("keeps its variant and what it does not know: %s", async (_, content) => {
    const { tasks, text } = project(content);
    expect((await tasks.milestones()).map(({ key }) => key)).toEqual(["m1"]);
    expect((await tasks.currentMilestone())?.key).toBe("m1");
    await tasks.setMilestone("m1", { completed: 2 });
    await tasks.update(1, { title: "x" });
    const after = JSON.parse(text()) as Record<string, unknown>;
    expect(Object.keys(after)).toEqual(Object.keys(content));
    expect(Array.isArray(after["milestones"])).toBe(
      Array.isArray((content as { milestones?: unknown }).milestones),
    );
    expect(after["tasks"]).toMatchObject(content.tasks);
    expect((await tasks.milestones())[0]).toMatchObject({ completed: 2 });
  });

  it("adds and removes milestones in the variant of the file", async () => {
    for (const milestones of [[], {}]) {
      const { tasks } = project({ tasks: [], milestones });
      await tasks.setMilestone("v1", { status: "active" });
      expect(await tasks.milestones()).toEqual([expect.objectContaining({ key: "v1", status: "active" })]);
      expect(await tasks.removeMilestone("v1")).toBe(true);
      expect(await tasks.removeMilestone("v1")).toBe(false);
      expect(await tasks.milestones()).toEqual([]);
    }
  });

  it("changes no byte when a change changes nothing, whatever its layout", async () => {
    const odd =
      '{"tasks" : [ {"id":1,"status":"pending" , "n": 12345678901234567890, "t":1.50} ],\n\t"lastUpdated":"then"}';
    const { tasks, text } = project(odd);
    const { changed } = await tasks.update(1, { status: "pending" });
    await tasks.updateTaskFile({ id: 1, status: "pending" });
    await tasks.batchUpdateTasks([{ id: 1 }]);
    await tasks.claims.sweep();
    expect(changed).toEqual([]);
    expect(text()).toBe(odd);
    await tasks.update(1, { title: "x" });
    expect(text()).toContain("12345678901234567890");
    expect(text()).toContain("1.50");
  });

  it.each([
    ["Markdown", "# Tasks\n- [ ] one\n", "ERR_DOCUMENT_CORRUPT"],
    ["an empty file", "", "ERR_DOCUMENT_CORRUPT"],
    ["half of it", '{"tasks": [', "ERR_DOCUMENT_CORRUPT"],
    ["a list", "[]", "ERR_DOCUMENT_INVALID"],
    ["task-master's tagged lists", '{"master":{"tasks":[]}}', "ERR_DOCUMENT_INVALID"],
    ["tasks without ids", '{"tasks":[{"title":"x"}]}', "ERR_DOCUMENT_INVALID"],
    ["one id twice", '{"tasks":[{"id":1},{"id":"1"}]}', "ERR_DOCUMENT_INVALID"],
  ])("P10: refuses %s with a clear error, and never overwrites it", async (_, content, code) => {
    const { tasks, text } = project(content);
    for (const work of [
      tasks.list(),
      tasks.create({ title: "x" }),
      tasks.updateTaskFile({ id: 1 }),
      tasks.claims.sweep(),
    ])
      expect(await codeOf(work)).toBe(code);
    expect(text()).toBe(content);
  });

  it("P10: keys that would reach a prototype are refused, and reach none", async () => {
    const polluted = '{"tasks":[{"id":1,"__proto__":{"polluted":true}}]}';
    const { tasks, text } = project(polluted);
    expect(await codeOf(tasks.update(1, { title: "x" }))).toBe("ERR_DOCUMENT_INVALID");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(text()).toBe(polluted);
    const clean = project({ tasks: [{ id: 1 }] });
    await expect(clean.tasks.updateTaskFile({ id: "__proto__" })).rejects.toThrow(TypeError);
    await expect(clean.tasks.setMilestone("__proto__", { a: 1 })).rejects.toThrow(TypeError);
    expect(
      await codeOf(clean.tasks.update(1, JSON.parse('{"__proto__":{"polluted":true}}'))),
    ).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("finds the current milestone in milestones.json, where tasks.json names none", async () => {
    const directory = temporaryDirectory();
    place(directory, ".flowforge/tasks.json", { tasks: [] });
    const tasks = openTasks(directory);
    expect(await tasks.currentMilestone()).toBeUndefined();
    place(directory, ".flowforge/milestones.json", { current: { name: "m2", completed: 1, total: 4 } });
    expect(await tasks.currentMilestone()).toMatchObject({ key: "m2", total: 4 });
  });

  it("P1: looks again right before the change becomes visible whether FlowForge's lock is still its own", async () => {
    const { tasks, path, text } = project({ tasks: [{ id: 1 }] });
    const before = text();
    const record = join(path, "../.locks/tasks.json.lock");
    const steal = (): { title: string } => {
      writeFileSync(record, JSON.stringify({ pid: process.ppid, lockId: "theirs", heartbeat: Date.now() }));
      return { title: "late" };
    };
    await expect(tasks.update(1, steal)).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
    expect(text()).toBe(before);
    expect(readFileSync(record, "utf8")).toContain("theirs");
  });

  it("leaves nothing but the file and its locks behind", async () => {
    const directory = temporaryDirectory();
    place(directory, ".flowforge/.keep", "");
    await openTasks(directory).create({ title: "x" });
    expect(namesBelow(directory)).toEqual([".flowforge/.keep", ".flowforge/tasks.json"]);
    expect(existsSync(join(directory, ".flowforge/tasks.json.lock"))).toBe(false);
  });

  it("P10: says what it cannot work on in a task or a milestone that scripts wrote, and changes nothing", async () => {
    const directory = temporaryDirectory();
    const path = place(directory, ".flowforge/tasks.json", {
      tasks: [
        { id: 1, microtasks: { a: 1 }, status: 5, tags: 7 },
        { id: 2, microtasks: [null] },
      ],
      milestones: "v1",
    });
    const before = readFileSync(path, "utf8");
    const tasks = openTasks(directory);
    const format = { code: "ERR_TASK_FORMAT" };
    for (const id of [1, 2]) {
      await expect(tasks.addMicrotask(id, "x")).rejects.toMatchObject(format);
      await expect(tasks.setMicrotask(id, "x")).rejects.toMatchObject(format);
    }
    await expect(tasks.setMilestone("v2", { status: "active" })).rejects.toMatchObject(format);
    expect(await tasks.milestones()).toEqual([]);
    expect(await tasks.list({ status: "5", tag: "x" })).toEqual([]);
    expect((await tasks.ready()).map(({ id }) => id)).toEqual([2]);
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});
