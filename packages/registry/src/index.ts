// Machines
export {
  machineRegistry,
  type MachineChangeOptions,
  type MachineList,
  type MachineRegistry,
  type MachineRegistryOptions,
} from "./machine/machine-registry.ts";
export type { Machine, MachinePatch, MachineType, NewMachine } from "./machine/machine.ts";

// Agents
export { agentRegistry, type AgentRegistry } from "./agent/agent-registry.ts";
export type {
  AgentListOptions,
  AgentRegistryOptions,
  RegisterOptions,
  StatusOptions,
} from "./agent/agent-options.ts";
export type { AgentSession, SessionOptions } from "./agent/agent-session.ts";
export type { Agent, AgentDeath, AgentDetails, DeathProof, Liveness, Registration } from "./agent/agent.ts";
export type { DeathEffect } from "./agent/death-effects.ts";
export { parseSelector, type Selector } from "./agent/selector.ts";
export type { SweepReport } from "./agent/sweep.ts";
export type { AgentEvent, AgentWatchOptions } from "./agent/watch-agents.ts";

// Leaders
export { elect, type ElectOptions, type Leader } from "./leader.ts";

// State, configuration and plugins
export { configDirectory, stateDirectory, type Environment } from "./settings/directories.ts";
export { settings, type Settings, type SettingsOptions } from "./settings/settings.ts";
export type { SettingPath } from "./settings/setting-path.ts";
export { townState, type TownState, type TownStateSettings } from "./settings/town-state.ts";
export { configFile, pluginsFile, type PluginEntry } from "./settings/config-files.ts";

// Identities
export {
  acquireAgentLock,
  readAgentLock,
  type AgentLock,
  type AgentLockOptions,
  type AgentLockRecord,
} from "./identity/agent-lock.ts";
export { acquireDaemonLock } from "./identity/daemon-lock.ts";

// Errors
export * from "./errors.ts";
