import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  openTodo2,
  openTodo2State,
  type NewTodo2Task,
  type Todo2,
  type Todo2Fields,
} from "../../src/todo2.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

describe.each(["database", "state file"])("what exarp's tasks hold, in its %s", (kind) => {
  let todo2: Todo2;
  beforeEach(async () => {
    const directory = temporaryDirectory();
    if (kind === "database") {
      const database = openTodo2(directory);
      await database.migrate();
      todo2 = database;
    } else todo2 = openTodo2State(directory);
  });
  afterEach(() => todo2.close());

  const wrong = [
    { assignee: "me", lock_until: 9_999_999_999 },
    { version: 7 },
    { completed: true },
    { claim_token: 7 },
    { contents: "misspelt" },
    { content: 5 },
    { status: "done" },
    { priority: "urgent" },
    { tags: "ci" },
    { tags: [5] },
    { dependencies: "T-1" },
    { metadata: "x" },
    { estimated_hours: "3" },
  ] as unknown as readonly Todo2Fields[];

  it("P10: nothing that cannot be set, or not to that, is written", async () => {
    const task = await todo2.create({ content: "One", tags: ["a"], metadata: { n: 1 } });
    const updates = [
      ...wrong,
      { content: undefined },
      { status: undefined },
      { id: "T-9" },
    ] as readonly Todo2Fields[];
    for (const fields of updates) await expect(todo2.update(task.id, fields)).rejects.toThrow(TypeError);
    const creations = [
      ...wrong.map((fields) => ({ content: "x", ...fields })),
      {},
    ] as readonly NewTodo2Task[];
    for (const fields of creations) await expect(todo2.create(fields)).rejects.toThrow(TypeError);
    expect(await todo2.list()).toEqual([task]);
  });

  it("the fields of a task that was read may be given again, and what differs is set", async () => {
    const task = await todo2.create({ content: "One", tags: ["a"] });
    expect(await todo2.update(task.id, { ...task })).toEqual(task);
    expect(await todo2.update(task.id, { ...task, priority: "high" })).toMatchObject({
      priority: "high",
      version: 2,
    });
    expect(await todo2.update(task.id, { tags: undefined })).toMatchObject({ tags: [], version: 3 });
  });
});
