import { expect, test } from "vitest";
import { openTasks } from "../src/index.ts";
import { openJit } from "../src/jit.ts";
import { openTodo2, openTodo2State } from "../src/todo2.ts";
import { temporaryDirectory } from "./support/surroundings.ts";

const oddOf = (id: string): string[] =>
  [[id], { toString: () => id }, Symbol(id), null] as unknown as string[];
const holder = { holder: "agent:ada", keep: false } as const;

test("an id that is neither a number nor a string reaches no task of FlowForge, also where it is written like one", async () => {
  const tasks = openTasks(temporaryDirectory());
  const { task } = await tasks.create({ title: "one" });
  const refusal = /id must be a number or a string, got/;
  for (const odd of oddOf(String(task.id))) {
    await expect(tasks.update(odd, { title: "changed" })).rejects.toThrow(refusal);
    await expect(tasks.remove(odd)).rejects.toThrow(refusal);
    await expect(tasks.claims.claim(odd, holder)).rejects.toThrow(refusal);
  }
  expect(await tasks.list()).toMatchObject([{ title: "one", status: task.status }]);
});

for (const kind of ["database", "state file"] as const)
  test(`an id that is no string reaches no task of exarp's ${kind}`, async () => {
    const directory = temporaryDirectory();
    const todo2 = kind === "database" ? openTodo2(directory) : openTodo2State(directory);
    if ("migrate" in todo2) await todo2.migrate();
    await todo2.create({ id: "T-1", content: "one" });
    const refusal = /id must be a string, got/;
    for (const odd of oddOf("T-1")) {
      await expect(todo2.update(odd, { content: "changed" })).rejects.toThrow(refusal);
      await expect(todo2.remove(odd)).rejects.toThrow(refusal);
      await expect(todo2.claims.claim(odd, holder)).rejects.toThrow(refusal);
      await expect(todo2.comment(odd, "note", "c")).rejects.toThrow(refusal);
    }
    expect(await todo2.list()).toMatchObject([{ content: "one" }]);
    await todo2.close();
  });

test("ids of handoffs that are no list of strings reach none, also where they are written like one", async () => {
  const directory = temporaryDirectory();
  const { handoffs } = openTodo2State(directory);
  const { id } = await handoffs.add({ summary: "one" });
  for (const odd of oddOf(id)) {
    await expect(handoffs.setStatus([odd], "closed")).rejects.toThrow(/id must be a string, got/);
    await expect(handoffs.remove([odd])).rejects.toThrow(/id must be a string, got/);
  }
  const text = `${id}, and more` as unknown as string[]; // a text that holds the id
  await expect(handoffs.remove(text)).rejects.toThrow(/ids must be a list of ids, got string/);
  expect(await handoffs.list()).toMatchObject([{ id, summary: "one" }]);
  expect((await handoffs.list())[0]).not.toHaveProperty("status");
});

test("a gate that is no string is required and dropped by no issue of jit's", async () => {
  const jit = openJit(temporaryDirectory(), { branch: "main" });
  await jit.gates.define("review", { title: "Review" });
  const { issue } = await jit.create({ title: "t", gates_required: ["review"] });
  for (const odd of oddOf("review")) {
    await expect(jit.gates.require(issue.id, odd)).rejects.toThrow(/gate must be a string, got/);
    await expect(jit.gates.drop(issue.id, odd)).rejects.toThrow(/gate must be a string, got/);
    await expect(jit.gates.check(issue.id, odd)).rejects.toThrow(/gate must be a string, got/);
  }
  expect(await jit.get(issue.id)).toMatchObject({ gates_required: ["review"] });
});
