import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openTodo2State } from "../../src/todo2.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

it("comments of exarp's state file are read and added where the file has them, and go with their task", async () => {
  const directory = temporaryDirectory();
  const theirs = {
    id: "C-1",
    todo_id: "T-1",
    type: "note",
    content: "theirs",
    created: "2026-01-01T00:00:00Z",
    extra: 1,
  };
  const path = place(directory, ".todo2/state.todo2.json", {
    todos: [
      { id: "T-1", content: "own list" },
      {
        id: "T-2",
        content: "nested",
        comments: [{ id: "C-2", type: "result", content: "inside", created: "" }],
      },
    ],
    comments: [theirs],
  });
  const todo2 = openTodo2State(directory);
  expect(await todo2.comments("T-1")).toMatchObject([
    { id: "C-1", task_id: "T-1", type: "note", content: "theirs" },
  ]);
  const [one, two] = await Promise.all([
    todo2.comment("T-1", "result", "ours"),
    todo2.comment("T-2", "note", "ours"),
  ]);
  expect((await todo2.comments("T-1"))[1]).toEqual(one);
  expect((await todo2.comments("T-2")).map(({ content }) => content)).toEqual(["inside", "ours"]);
  const file = JSON.parse(readFileSync(path, "utf8")) as {
    todos: { comments?: unknown }[];
    comments: unknown[];
  };
  expect(file.comments).toEqual([
    theirs,
    { id: one.id, todo_id: "T-1", type: "result", content: "ours", created: one.created },
  ]);
  expect(file.todos[1]?.comments).toMatchObject([{ id: "C-2" }, { id: two.id, content: "ours" }]);
  for (const wrong of [todo2.comment("T-1", "gossip" as never, "x"), todo2.comment("T-1", "note", "")])
    await expect(wrong).rejects.toThrow(TypeError);
  await expect(todo2.comment("T-9", "note", "x")).rejects.toMatchObject({ code: "ERR_TASK_NOT_FOUND" });
  expect(await todo2.comments("T-9")).toEqual([]);
  await todo2.remove("T-1");
  expect((JSON.parse(readFileSync(path, "utf8")) as typeof file).comments).toEqual([]);
  await todo2.close();
});

it("the first comment of a file makes the list, and one that is something else is left alone", async () => {
  const directory = temporaryDirectory();
  const todo2 = openTodo2State(directory);
  await todo2.create({ content: "x" });
  await todo2.comment("T-1", "note", "first");
  const path = `${directory}/.todo2/state.todo2.json`;
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
    comments: [{ todoId: "T-1", content: "first" }],
  });
  const odd = place(directory, ".todo2/state.todo2.json", {
    todos: [{ id: "T-1", content: "x" }],
    comments: "none",
  });
  const before = readFileSync(odd, "utf8");
  await expect(todo2.comment("T-1", "note", "x")).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
  expect(readFileSync(odd, "utf8")).toBe(before);
  await todo2.close();
});

it("tags and dependencies that somebody made anything are shown, and keep nobody from the list", async () => {
  const directory = temporaryDirectory();
  const odd = [null, 7, ["x"], { toString: 1, valueOf: 1 }, "ci"];
  place(directory, ".todo2/state.todo2.json", {
    todos: [{ id: "T-1", content: "x", tags: odd, dependencies: odd }],
  });
  const todo2 = openTodo2State(directory);
  const shown = ["null", "7", '["x"]', '{"toString":1,"valueOf":1}', "ci"];
  expect(await todo2.list()).toMatchObject([{ id: "T-1", tags: shown, dependencies: shown }]);
  await todo2.close();
});

it("comments that are null, as Go writes a list of none, take the first one", async () => {
  const directory = temporaryDirectory();
  const path = place(directory, ".todo2/state.todo2.json", {
    todos: [{ id: "T-1", content: "x", comments: null }],
    comments: null,
  });
  const todo2 = openTodo2State(directory);
  expect(await todo2.comments("T-1")).toEqual([]);
  const { id } = await todo2.comment("T-1", "note", "first");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
    todos: [{ id: "T-1", comments: [{ id, content: "first" }] }],
    comments: null,
  });
  expect(await todo2.comments("T-1")).toMatchObject([{ id, content: "first" }]);
  await todo2.close();
});
