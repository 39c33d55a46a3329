/** The same registries on a store without files. */
import { identifyProcess, memoryStore } from "@flockwork/core";
import { expect, it } from "vitest";
import {
  acquireAgentLock,
  acquireDaemonLock,
  agentRegistry,
  elect,
  machineRegistry,
  townState,
} from "../src/index.ts";

const gone = { ...identifyProcess(), startTicks: "1" };

it("keeps machines", async () => {
  const machines = machineRegistry(memoryStore());
  await machines.add({ name: "builder", type: "ssh", host: "h" });
  await machines.update("builder", { town_path: "/t" });
  expect((await machines.list()).map(({ name, town_path }) => [name, town_path])).toEqual([
    ["builder", "/t"],
    ["local", ""],
  ]);
  await machines.remove("builder");
  await expect(machines.get("builder")).rejects.toMatchObject({ code: "ERR_ENTRY_NOT_FOUND" });
});

it("keeps agents, watches them, and ends them with their effects in one commit", async () => {
  const store = memoryStore();
  const agents = agentRegistry(store);
  const tasks = store.document<{ owners: string[] }>({
    name: "tasks.json",
    defaults: () => ({ owners: ["a", "b"] }),
  });
  agents.onDeath("*", {
    name: "tasks",
    members: { tasks },
    run: ({ id }, { tasks: { draft } }) => void draft.owners.splice(draft.owners.indexOf(id), 1),
  });
  const watch = agents.watch();
  await agents.register({ id: "a", process: gone });
  expect((await watch.next()).value).toMatchObject({ type: "registered", id: "a" });
  const { generation } = await agents.register({ id: "b" });
  expect((await watch.next()).value).toMatchObject({ type: "registered", id: "b" });
  await agents.heartbeat("b", generation);
  expect((await agents.sweep()).evicted.map(({ id }) => id)).toEqual(["a"]);
  expect((await watch.next()).value).toMatchObject({ type: "dead", id: "a" });
  expect(await tasks.read()).toEqual({ owners: ["b"] });
  await watch.return?.();
});

it("elects leaders, and keeps state and identities", async () => {
  const store = memoryStore();
  const leader = await elect(store, "x");
  await expect(elect(store, "x", { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
  await leader.resign();
  await townState(store).enable("1");
  expect(await townState(store).isEnabled({})).toBe(true);
  const lock = await acquireAgentLock(store);
  await expect(acquireAgentLock(store)).rejects.toMatchObject({ code: "ERR_IDENTITY_HELD" });
  expect(await lock.release()).toBe(true);
  const daemon = await acquireDaemonLock(store);
  await expect(acquireDaemonLock(store)).rejects.toMatchObject({ code: "ERR_IDENTITY_HELD" });
  await daemon.release();
});
