import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { agentRegistry, type AgentDeath, type AgentRegistry } from "../../src/index.ts";
import { auditOf, releasingIn, tasksOf } from "../fixtures/releasing.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
let directory = "";
let store: Store;
let agents: AgentRegistry;
beforeEach(() => {
  directory = temporaryDirectory();
  store = fileStore(directory);
  agents = agentRegistry(store, { durability: "os" });
});

const tasks = () => tasksOf(store);
const audit = () => auditOf(store);
const releasing = () => releasingIn(store);

async function claim(id: string, task: string): Promise<void> {
  await tasks().update((draft) => {
    draft.claims[task] = id;
  });
}

describe("effects of a death", () => {
  it("happen in one commit with the eviction", async () => {
    agents.onDeath("*", releasing());
    await agents.register({ id: "a", process: gone });
    await agents.register({ id: "b" });
    await claim("a", "1");
    await claim("b", "2");
    const { evicted, failed } = await agents.sweep();
    expect(failed).toEqual([]);
    expect(evicted.map(({ id }) => id)).toEqual(["a"]);
    expect((await tasks().read()).claims).toEqual({ 2: "b" });
    expect(await audit().read()).toEqual([{ id: "a", proof: evicted[0]?.proof }]);
  });

  it("happen when an agent unregisters, and when its successor takes its place", async () => {
    agents.onDeath("*", releasing());
    const { generation } = await agents.register({ id: "a" });
    await claim("a", "1");
    await agents.unregister("a", generation);
    await agents.register({ id: "b", process: gone });
    await claim("b", "2");
    await agents.register({ id: "b" });
    expect((await tasks().read()).claims).toEqual({});
    expect((await audit().read()).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("do not happen when an agent goes on with its registration", async () => {
    agents.onDeath("*", releasing());
    const { resumeToken } = await agents.register({ id: "a", process: gone });
    await claim("a", "1");
    await agents.register({ id: "a" }, { resumeToken });
    expect(await agents.sweep()).toMatchObject({ evicted: [], settled: [] });
    expect((await tasks().read()).claims).toEqual({ 1: "a" });
  });

  it("keep the agent from being ended while they throw, and keep nobody else", async () => {
    let broken = true;
    agents.onDeath("a", {
      name: "breaks",
      members: { tasks: tasks() },
      run(_, { tasks: { draft } }) {
        draft.claims = {};
        if (broken) throw new Error("not now");
      },
    });
    await agents.register({ id: "a", process: gone });
    await agents.register({ id: "b", process: gone });
    await claim("x", "1");
    const first = await agents.sweep();
    expect(first.evicted.map(({ id }) => id)).toEqual(["b"]);
    expect(first.failed).toEqual([
      { id: "a", error: expect.objectContaining({ message: "not now" }) as Error },
    ]);
    expect((await tasks().read()).claims).toEqual({ 1: "x" });
    expect((await agents.get("a")).liveness).toBe("dead");
    await expect(agents.register({ id: "a" })).rejects.toThrow("not now");
    broken = false;
    expect((await agents.sweep()).evicted.map(({ id }) => id)).toEqual(["a"]);
    expect((await tasks().read()).claims).toEqual({});
  });

  it("are made up for where the end was committed by a process that did not have them, once", async () => {
    const sweeper = agentRegistry(fileStore(directory), { durability: "os" });
    await agents.register({ id: "a", process: gone });
    await claim("a", "1");
    expect((await sweeper.sweep()).evicted).toHaveLength(1);
    agents.onDeath("*", releasing());
    const { settled, evicted } = await agents.sweep();
    expect(evicted).toEqual([]);
    expect(settled.map(({ id }) => id)).toEqual(["a"]);
    expect((await tasks().read()).claims).toEqual({});
    expect((await agents.sweep()).settled).toEqual([]);
    const other = agentRegistry(fileStore(directory), { durability: "os" });
    other.onDeath("*", { ...releasing(), members: {}, run: () => expect.unreachable() });
    expect((await other.sweep()).settled).toEqual([]);
    expect(await audit().read()).toHaveLength(1);
  });

  it("are made up for when a successor is at work already, and learn whose end it was", async () => {
    const sweeper = agentRegistry(fileStore(directory), { durability: "os" });
    const first = await sweeper.register({ id: "a", process: gone });
    await sweeper.register({ id: "a" });
    const deaths: AgentDeath[] = [];
    agents.onDeath("a", { name: "notes", members: {}, run: (death) => void deaths.push(death) });
    await agents.sweep();
    expect(deaths).toEqual([
      expect.objectContaining({ generation: first.generation, proof: "process-replaced" }),
    ]);
    expect((await agents.get("a")).liveness).toBe("alive");
  });

  it("of a hundred agents that died together are few commits, and one that fails keeps back its own agent alone", async () => {
    const ids = Array.from({ length: 100 }, (_, at) => `agent-${at}`);
    await Promise.all(ids.map((id) => agents.register({ id, process: gone })));
    agents.onDeath("*", releasing());
    agents.onDeath("agent-70", {
      name: "breaks",
      members: {},
      run: () => Promise.reject(new Error("not now")),
    });
    const { evicted, failed } = await agents.sweep();
    expect(failed.map(({ id }) => id)).toEqual(["agent-70"]);
    expect(evicted.map(({ id }) => id).toSorted()).toEqual(ids.filter((id) => id !== "agent-70").toSorted());
    const audited = (await audit().read()).map(({ id }) => id);
    expect(audited.toSorted()).toEqual(evicted.map(({ id }) => id).toSorted());
    expect((await agents.list()).map(({ id }) => id)).toEqual(["agent-70"]);
  });

  it("can be taken back, and are refused when they are no effects or known already", async () => {
    const takeBack = agents.onDeath("*", releasing());
    expect(() => agents.onDeath("a", releasing())).toThrow("registered already");
    takeBack();
    await agents.register({ id: "a", process: gone });
    await agents.sweep();
    expect(
      await audit()
        .read()
        .catch(() => []),
    ).toEqual([]);
    const members = { tasks: { kind: "document" } };
    for (const effect of [
      { name: "" },
      { name: "x", members: {} },
      { name: "x", run() {} },
      { name: "x", run() {}, members },
    ])
      expect(() => agents.onDeath("*", effect as never)).toThrow(TypeError);
  });
});

it("leaves the registry and what agents owned in step, round after round", async () => {
  agents.onDeath("*", releasing());
  for (let round = 0; round < 10; round += 1) {
    await agents.register({ id: "a", process: gone });
    await claim("a", "1");
    await agents.sweep();
    const file = JSON.parse(readFileSync(join(directory, "registry.json"), "utf8")) as Record<
      string,
      { generation?: string }
    >;
    expect(file["a"]?.generation).toBeUndefined();
    expect((await tasks().readLocked()).claims).toEqual({});
  }
});
