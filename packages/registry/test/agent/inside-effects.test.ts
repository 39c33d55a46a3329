/** An effect runs under the registry's lock: what it calls must neither wait for that, nor keep others waiting. */
import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
let directory = "";
let store: Store;
let agents: AgentRegistry;
let deaths = 0;
beforeEach(() => {
  directory = temporaryDirectory();
  store = fileStore(directory);
  agents = agentRegistry(store, { durability: "os" });
});

/** Kills an agent, and sweeps with an effect that does something; `during` happens while the effect runs. */
async function sweepWith(act: () => Promise<unknown>, during: () => void = () => {}): Promise<unknown> {
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const takeBack = agents.onDeath("*", {
    name: "calls",
    members: {},
    async run() {
      begun.resolve();
      await goOn.promise;
      await act();
    },
  });
  await agents.register({ id: `dies ${(deaths += 1)}`, process: gone });
  const sweeping = agents.sweep();
  await begun.promise;
  during();
  goOn.resolve();
  const { failed } = await sweeping;
  takeBack();
  return failed[0]?.error;
}

it("a change from within an effect is refused at once, and who waits for the registry meanwhile gets it", async () => {
  const { id, generation } = await agents.register({ id: "alive" });
  const other = agentRegistry(fileStore(directory), { durability: "os" });
  for (const act of [
    () => agents.updateAgentStatus(id, "x"),
    () => agents.updateAgentStatus(id, "x", { timeoutMs: 60_000 }),
    () => agents.heartbeat(id, generation),
    () => agents.register({ id: "new" }),
    () => agents.unregister(id, generation),
    () => agents.sweep(),
    () => other.heartbeat(id, generation),
  ]) {
    const beats: Promise<void>[] = [];
    const error = await sweepWith(act, () => {
      for (const each of [agents, other]) beats.push(each.heartbeat(id, generation));
    });
    expect(error).toMatchObject({ code: "ERR_LOCK_REENTRY" });
    expect(String(error)).toContain('inside the effect "calls"');
    await Promise.all(beats);
  }
});

it("what an effect reads, and what it leaves behind to be called later, is not refused", async () => {
  const { id, generation } = await agents.register({ id: "alive" });
  let later: Promise<void> | undefined;
  const over = Promise.withResolvers<void>();
  const error = await sweepWith(async () => {
    expect((await agents.get(id)).liveness).toBe("alive");
    expect(await agents.list()).toHaveLength(2);
    later = over.promise.then(() => agents.heartbeat(id, generation));
  });
  expect(error).toBeUndefined();
  over.resolve();
  await later;
});

it("who calls inside a lock that does not allow it is refused alone, not those whose calls came with it", async () => {
  const { id, generation } = await agents.register({ id: "alive" });
  let own: Promise<unknown> | undefined;
  const go = Promise.withResolvers<void>();
  const outside = go.promise.then(() => agents.updateAgentStatus(id, "outside"));
  await store.lock("registry.json", { layout: "gastown" }).withWrite(async () => {
    own = agents.heartbeat(id, generation).catch((error: unknown) => error);
    go.resolve();
    expect(await own).toMatchObject({ code: "ERR_LOCK_REENTRY" });
  });
  await outside;
  expect(await agents.getAgentStatus(id)).toBe("outside");
});
