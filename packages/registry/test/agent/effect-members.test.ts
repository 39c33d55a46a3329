/** Effects of several packages, on members they share, in one commit. */
import { fileStore, identifyProcess, lockMetrics, memoryStore, type Store } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { auditOf, releasingIn, tasksOf, type Claims } from "../fixtures/releasing.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
let store: Store;
let agents: AgentRegistry;
beforeEach(() => {
  store = fileStore(temporaryDirectory());
  agents = agentRegistry(store, { durability: "os" });
});
const tasks = () => tasksOf(store);
const audit = () => auditOf(store);
const releasing = () => releasingIn(store);

it("effects of several packages may change the same members", async () => {
  const order: string[] = [];
  agents.onDeath("*", {
    name: "one",
    members: { t: tasks() },
    run: (_, { t }) => void ((t.draft.claims["x"] = "one"), order.push("one")),
  });
  agents.onDeath("*", {
    name: "two",
    members: { mine: tasks(), log: audit() },
    run: (death, { mine, log }) => {
      order.push(mine.draft.claims["x"] ?? "");
      log.append({ id: death.id, proof: "two" });
    },
  });
  await agents.register({ id: "a", process: gone });
  expect((await agents.sweep()).evicted).toHaveLength(1);
  expect(order).toEqual(["one", "one"]);
  expect((await tasks().read()).claims).toEqual({ x: "one" });
});

it("effects that come while a commit is made are made up for by the next sweep", async () => {
  let takeBack = (): void => {};
  agents.onDeath("*", {
    name: "brings another",
    members: {},
    run() {
      takeBack();
      takeBack = agents.onDeath("*", releasing());
    },
  });
  for (const id of ["a", "b"]) await agents.register({ id, process: gone });
  await tasks().update((draft) => void (draft.claims["1"] = "b"));
  expect(await agents.sweep()).toMatchObject({ evicted: [{ id: "a" }, { id: "b" }], failed: [] });
  expect((await agents.sweep()).settled).toHaveLength(2);
  expect((await tasks().read()).claims).toEqual({});
});

it.each([
  ["another directory", () => fileStore(temporaryDirectory())],
  ["memory", () => memoryStore()],
])("P10: an effect on a member of %s is refused, and touches nothing of the same name", async (_, open) => {
  const foreign = open().document<Claims>({ name: "tasks.json", defaults: () => ({ claims: { 1: "a" } }) });
  agents.onDeath("*", releasing());
  agents.onDeath("a", {
    name: "foreign",
    members: { foreign },
    run: (death, drafts) => void (drafts.foreign.draft.claims[death.id] = "of the wrong store"),
  });
  await agents.register({ id: "a", process: gone });
  await agents.register({ id: "b", process: gone });
  for (let round = 0; round < 2; round += 1) {
    const { failed } = await agents.sweep();
    expect(failed).toMatchObject([{ id: "a", error: expect.any(TypeError) as TypeError }]);
    expect(String(failed[0]?.error)).toContain(
      "members.tasks.json must be a document or a log of this store",
    );
  }
  expect((await tasks().read()).claims).toEqual({});
  expect((await audit().read()).map(({ id }) => id)).toEqual(["b"]);
});

it("agents that leave at once, or whose places are taken at once, share few commits with their effects", async () => {
  agents.onDeath("*", releasing());
  agents.onDeath("agent-70", {
    name: "breaks",
    members: {},
    run: () => Promise.reject(new Error("not now")),
  });
  const ids = Array.from({ length: 120 }, (_, at) => `agent-${at}`);
  const all = await Promise.all(ids.map((id) => agents.register({ id })));
  const locksBefore = lockMetrics().acquisitions;
  const left = await Promise.allSettled(all.map(({ id, generation }) => agents.unregister(id, generation)));
  const failed = left.flatMap(({ status }, at) => (status === "rejected" ? [ids[at]] : []));
  expect(failed).toEqual(["agent-70"]);
  expect((await audit().read()).map(({ id }) => id).toSorted()).toEqual(
    ids.filter((id) => id !== "agent-70").toSorted(),
  );
  // One batch of 64 is made together; that with the one that fails, one by one.
  expect(lockMetrics().acquisitions - locksBefore).toBeLessThan(4 * 60);
  await Promise.all(ids.slice(0, 50).map((id) => agents.register({ id, process: gone })));
  const again = lockMetrics().acquisitions;
  await Promise.all(ids.slice(0, 50).map((id) => agents.register({ id })));
  expect(lockMetrics().acquisitions - again).toBeLessThan(50);
});
