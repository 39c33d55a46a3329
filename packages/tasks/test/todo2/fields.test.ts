import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  contentHash,
  openTodo2,
  openTodo2State,
  type NewTodo2Task,
  type Todo2,
  type Todo2Fields,
} from "../../src/todo2.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

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

  it("keeps the fingerprint that exarp has of a task in step with what the task says", async () => {
    const of = (content: string, long?: string): string => contentHash(content, long);
    const metadata = { content_hash: of("One"), other: 1 };
    const task = await todo2.create({ content: "One", metadata });
    const hash = async (fields: Todo2Fields): Promise<unknown> =>
      (await todo2.update(task.id, fields)).metadata;
    expect(await hash({ content: "Two" })).toEqual({ content_hash: of("Two"), other: 1 });
    expect(await hash({ long_description: "more" })).toEqual({ content_hash: of("Two", "more"), other: 1 });
    expect(await hash({ priority: "high" })).toEqual({ content_hash: of("Two", "more"), other: 1 });
    expect(await hash({ metadata: { content_hash: "by others" }, content: "Two" })).toEqual({
      content_hash: "by others",
    });
    expect(await hash({ content: "Two" })).toEqual({ content_hash: "by others" }); // it says what it said
    expect(await hash({ content: "Three", metadata: { mine: true } })).toEqual({ mine: true });
    expect(await hash({ content: "Four" })).toEqual({ mine: true }); // none is made where there is none
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

it("the fingerprint of a task whose description is no text is brought up to what the task says", async () => {
  const directory = temporaryDirectory();
  const todo2 = openTodo2State(directory);
  const metadata = { content_hash: "x" };
  const odd = { toString: 1, valueOf: 1 };
  for (const [long_description, words] of [
    [odd, '{"toString":1,"valueOf":1}'],
    [7, "7"],
    [null, ""],
  ] as const) {
    place(directory, ".todo2/state.todo2.json", {
      todos: [{ id: "T-1", content: "old", long_description, metadata }],
    });
    expect(await todo2.update("T-1", { content: "new" })).toMatchObject({
      content: "new",
      long_description,
      metadata: { content_hash: contentHash("new", words) },
    });
    await expect(todo2.update("T-1", { content: odd as never })).rejects.toThrow("content must be a string");
  }
  await todo2.close();
});
