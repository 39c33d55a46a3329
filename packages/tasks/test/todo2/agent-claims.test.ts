import { expect, it } from "vitest";
import { openTodo2State } from "../../src/todo2.ts";
import { claimForAgent } from "../../src/todo2/agent-claims.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

it("P6: a claim whose task cannot be read afterwards is given back", async () => {
  const todo2 = openTodo2State(temporaryDirectory());
  await todo2.create({ id: "T-1", content: "One" });
  const unreadable = new Error("the disk does not answer");
  const store = { claims: todo2.claims, nowMs: Date.now, get: () => Promise.reject(unreadable) };
  await expect(claimForAgent(store, "T-1", "ada")).rejects.toBe(unreadable);
  expect(await todo2.claims.inspect("T-1")).toBeUndefined();
  expect((await todo2.claimTaskForAgent("T-1", "bob")).success).toBe(true);
  await todo2.close();
});
