import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  acquireAgentLock,
  acquireDaemonLock,
  agentRegistry,
  configFile,
  elect,
  machineRegistry,
  parseSelector,
  pluginsFile,
  readAgentLock,
  townState,
} from "@flockwork/registry";
import { fileStore } from "@flockwork/core";
import type { Call, Target } from "../target.ts";

/** What the registry reads. */
export const registryTargets: readonly Target[] = [
  {
    name: "machines",
    prepare: async (directory) => {
      const machines = machineRegistry(fileStore(directory));
      await machines.add({ name: "builder", type: "ssh", host: "me@builder.example" });
      await machines.add({ name: "here", type: "local" });
    },
    mutates: /machines\.json$/,
    calls: (directory): Call[] => {
      const machines = machineRegistry(fileStore(directory));
      return [
        ["list", () => machines.list()],
        ["get", () => machines.get("builder")],
        ["add", () => machines.add({ name: "new", type: "ssh", host: "me@new.example" })],
        ["update", () => machines.update("builder", { town_path: "/srv/town" })],
        ["remove", () => machines.remove("builder")],
      ];
    },
  },
  {
    name: "agents",
    prepare: async (directory) => {
      const agents = agentRegistry(fileStore(directory));
      const { id, generation } = await agents.register({
        id: "town/nux",
        capabilities: ["go"],
        capacity: 2,
        labels: { role: "polecat" },
      });
      await agents.heartbeat(id, generation);
      await agents.register({ id: "town/max" });
      await agents.updateAgentStatus("other/program", "busy").catch(() => undefined);
      const leader = await elect(fileStore(directory), "nightly", { leaseMs: 60_000 });
      await leader.resign();
    },
    calls: (directory): Call[] => {
      const agents = agentRegistry(fileStore(directory));
      return [
        ["list", () => agents.list("role=polecat")],
        ["list all", () => agents.list()],
        ["get", () => agents.get("town/nux")],
        ["status", () => agents.getAgentStatus("town/nux")],
        ["register", () => agents.register({ id: "town/new" })],
        ["updateAgentStatus", () => agents.updateAgentStatus("town/nux", "busy")],
        ["whyDead", () => agents.whyDead("town/nux")],
        ["sweep", () => agents.sweep()],
      ];
    },
  },
  {
    name: "agent lock",
    prepare: async (directory) => {
      const lock = await acquireAgentLock(fileStore(directory), { sessionId: "gt-nux" });
      const kept = readFileSync(join(directory, ".runtime/agent.lock"));
      await lock.release();
      writeFileSync(join(directory, ".runtime/agent.lock"), kept);
      const daemon = await acquireDaemonLock(fileStore(directory));
      const pid = readFileSync(join(directory, "daemon/daemon.pid"));
      await daemon.release();
      writeFileSync(join(directory, "daemon/daemon.pid"), pid);
    },
    mutates: /agent\.lock$|daemon\.pid$/,
    calls: (directory): Call[] => [
      ["readAgentLock", () => readAgentLock(fileStore(directory))],
      [
        "acquireAgentLock",
        async () => (await acquireAgentLock(fileStore(directory), { sessionId: "gt-new" })).release(),
      ],
      ["acquireDaemonLock", async () => (await acquireDaemonLock(fileStore(directory))).release()],
    ],
  },
  {
    name: "settings",
    prepare: async (directory) => {
      await configFile(fileStore(directory)).set("editor.tabs", 4);
      await pluginsFile(fileStore(directory)).set("linter", { enabled: true });
      await townState(fileStore(directory)).enable("1.0.0");
    },
    calls: (directory): Call[] => {
      const config = configFile(fileStore(directory));
      const state = townState(fileStore(directory));
      return [
        ["get", () => config.get("editor.tabs")],
        ["set", () => config.set("editor.font", "mono")],
        ["unset", () => config.unset("editor.tabs")],
        ["plugin", () => pluginsFile(fileStore(directory)).set("other", { enabled: false })],
        ["isEnabled", () => state.isEnabled()],
        ["disable", () => state.disable()],
      ];
    },
  },
  {
    name: "selector",
    prepare: (directory) => {
      for (const [at, text] of [
        "role=polecat,town!=x",
        "role in (a, b),!gone",
        "role notin (c),here",
      ].entries())
        writeFileSync(join(directory, `${at}`), text);
    },
    calls: (_directory, mutated): Call[] => {
      const text = readFileSync(mutated, "utf8");
      return [["parseSelector", () => parseSelector(text)({ role: "a" } as never)]];
    },
    allows: (error) =>
      error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError, // an argument, not a file
  },
];
