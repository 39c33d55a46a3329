import type { Agent, AgentRegistry, Machine, MachineRegistry, MachineType } from "@flockwork/registry";
import { type Command, exitCodes, UsageError } from "../command.ts";
import { listed, row, storeCommand, type Asked } from "./store-command.ts";

/** `flockwork registry`: machines and agents. */
export const registryCommand: Command = storeCommand({
  name: "registry",
  summary: "machines and agents: machines, add, remove, agents, why-dead, sweep",
  directory: ".",
  options: {
    type: { type: "string", says: "of a machine: local, ssh, … (default ssh)" },
    host: { type: "string", says: "of a machine: me@host.example" },
  },
  actions: {
    machines: {
      usage: "",
      says: "machines.json",
      run: async (asked) => listed(await (await machinesOf(asked)).list(), machineLine, "no machines"),
    },
    add: {
      usage: "NAME",
      says: "adds a machine, or replaces the one of that name",
      run: async (asked) => {
        const [type, host] = [(asked.option("type") ?? "ssh") as MachineType, asked.option("host")];
        const [name] = asked.args;
        if (type === "ssh" && host === undefined)
          throw new UsageError("--host is missing: an ssh machine has one");
        const machines = await machinesOf(asked);
        await machines.add({ name, type, ...(host === undefined ? {} : { host }) });
        const machine = await machines.get(name);
        return { result: machine, lines: [machineLine(machine)] };
      },
    },
    remove: {
      usage: "NAME",
      says: "removes a machine",
      run: async (asked) => {
        await (await machinesOf(asked)).remove(asked.args[0]);
        return { result: { removed: asked.args[0] }, lines: [`${asked.args[0]} is removed`] };
      },
    },
    agents: {
      usage: "[SELECTOR]",
      says: "who is here and who is alive; a selector as role=polecat,tier!=gold",
      run: async (asked) => {
        const [selector] = asked.args;
        const agents = await (await agentsOf(asked)).list(selector === "" ? undefined : selector);
        return listed(agents, ({ id, liveness, status }: Agent) => row(id, liveness, status), "no agents");
      },
    },
    "why-dead": {
      usage: "ID",
      says: "what proves that an agent is dead; exit code 1 when nothing does",
      run: async (asked) => {
        const death = await (await agentsOf(asked)).whyDead(asked.args[0]);
        if (death === undefined)
          return { result: null, lines: ["nothing proves it dead"], code: exitCodes.no };
        return { result: death, lines: [row(death.proof, death.reason)] };
      },
    },
    sweep: {
      usage: "",
      says: "ends the registrations of agents that are proven dead",
      run: async (asked) => {
        const report = await (await agentsOf(asked)).sweep();
        const lines = report.evicted.map(({ id, proof, reason }) => row(id, proof, reason));
        return { result: report, lines: lines.length === 0 ? ["nobody is dead"] : lines };
      },
    },
  },
});

async function machinesOf({ directory }: Asked): Promise<MachineRegistry> {
  const { machineRegistry } = await import("@flockwork/registry");
  const { fileStore } = await import("@flockwork/core");
  return machineRegistry(fileStore(directory));
}

async function agentsOf({ directory }: Asked): Promise<AgentRegistry> {
  const { agentRegistry } = await import("@flockwork/registry");
  const { fileStore } = await import("@flockwork/core");
  return agentRegistry(fileStore(directory));
}

function machineLine({ name, type, host }: Machine): string {
  return row(name, type, host);
}
