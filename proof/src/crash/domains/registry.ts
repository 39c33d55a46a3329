import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import {
  acquireAgentLock,
  acquireDaemonLock,
  agentRegistry,
  configFile,
  elect,
  machineRegistry,
  townState,
  type AgentRegistry,
} from "@flockwork/registry";
import type { DomainOperation } from "./domain-operation.ts";

/** A process that is proven gone: this one was born at another time. */
const gone = { ...identifyProcess(), startTicks: "1" };

function machine(name: string): Parameters<ReturnType<typeof machineRegistry>["add"]>[0] {
  return { name, type: "ssh", host: `ada@${name}`, key_path: "/keys/one", town_path: "/town" };
}

/** A machine, an agent that lives, one that is gone and holds a task. */
async function prepare(directory: string): Promise<void> {
  const store = fileStore(directory);
  await machineRegistry(store).add(machine("alpha"));
  const agents = agentRegistry(store);
  await agents.register({ id: "ada", labels: { role: "polecat" } });
  await agents.register({ id: "bob", process: gone });
  await claimsOf(store).update((draft) => void (draft.by["142"] = "bob"));
  await configFile(store).set("theme.color", "blue");
  await store.close();
}

function claimsOf(store: Store) {
  return store.document<{ by: Record<string, string> }>({
    name: "claims.json",
    defaults: () => ({ by: {} }),
  });
}

/** Agents whose claims end with them. */
function agentsOf(store: Store): AgentRegistry {
  const agents = agentRegistry(store);
  agents.onDeath("*", {
    name: "free claims",
    members: { claims: claimsOf(store) },
    run: ({ id }, { claims: { draft } }) => {
      for (const [task, holder] of Object.entries(draft.by)) if (holder === id) delete draft.by[task];
    },
  });
  return agents;
}

async function sweep(store: Store): Promise<void> {
  const { failed } = await agentsOf(store).sweep();
  for (const { error } of failed) throw error;
}

function operation(
  name: string,
  run: (store: Store, round: number) => unknown,
  more: Partial<DomainOperation> = {},
): DomainOperation {
  return {
    name: `registry: ${name}`,
    prepare,
    async run(directory, round) {
      const store = fileStore(directory);
      try {
        await run(store, round);
      } finally {
        await store.close();
      }
    },
    ...more,
  };
}

/** Every call that changes machines, agents, settings or identities. */
export const registryOperations: readonly DomainOperation[] = [
  operation("machines.add", (store, round) => machineRegistry(store).add(machine(`m${round}`))),
  operation("machines.add the first", (store, round) => machineRegistry(store).add(machine(`m${round}`)), {
    prepare: () => undefined,
  }),
  operation("machines.update", (store, round) =>
    machineRegistry(store).update("alpha", { town_path: `/town-${round}` }),
  ),
  operation("machines.remove", (store) => machineRegistry(store).remove("alpha")),
  operation("agents.register", (store, round) => agentRegistry(store).register({ id: `new ${round}` })),
  operation("agents.heartbeat", async (store) => {
    const agents = agentRegistry(store);
    await agents.heartbeat("ada", (await agents.get("ada")).generation ?? "");
  }),
  operation("agents.updateAgentStatus", (store, round) =>
    agentRegistry(store).updateAgentStatus("ada", `round ${round}`),
  ),
  operation("agents.unregister", async (store) => {
    const agents = agentsOf(store);
    await agents.unregister("ada", (await agents.get("ada")).generation ?? "");
  }),
  operation(
    "agents.join, heartbeat, setStatus, leave",
    async (store) => {
      await using session = await agentRegistry(store).join({ id: "cy" });
      await session.heartbeat();
      await session.setStatus("at work");
      await session.leave();
    },
    {
      holds: true,
      inSteps: true,
      // Each is a commit of its own: whoever is killed between them is found dead, and followed by the next of that name.
      read: async (directory) => {
        const store = fileStore(directory);
        const agents = await agentRegistry(store).list();
        await store.close();
        return agents.map(({ id, status }) => [id, status ?? ""]);
      },
    },
  ),
  operation("agents.sweep with its effect", sweep, {
    // Where all were swept the next sweep writes nothing, and what was left of this one goes with the next write.
    async follow(directory) {
      const store = fileStore(directory);
      await sweep(store);
      await agentsOf(store).register({ id: "next" });
      await store.close();
    },
  }),
  operation(
    "elect, resign",
    async (store) => (await elect(store, "mayor", { candidate: "c", leaseMs: 500 })).resign(),
    { inSteps: true },
  ),
  operation("config.set", (store, round) => configFile(store).set("theme.size", round)),
  operation("config.unset", (store) => configFile(store).unset("theme.color")),
  operation("config.update", (store, round) =>
    configFile(store).update((draft) => void (draft["round"] = round)),
  ),
  operation("townState.enable", (store, round) => townState(store).enable(`1.${round}.0`)),
  operation("townState.disable", (store) => townState(store).disable()),
  operation(
    "acquireAgentLock, release",
    async (store) => (await acquireAgentLock(store, { sessionId: "s" })).release(),
    { holds: true, undoes: true, inSteps: true },
  ),
  // After a loss of power no daemon runs.
  operation("acquireDaemonLock, release", async (store) => (await acquireDaemonLock(store)).release(), {
    durability: "os",
    undoes: true,
    inSteps: true,
  }),
];
