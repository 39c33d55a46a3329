export type { AgentEntry, AgentLockRecord, Liveness, ProcessIdentity, TownState } from "./agent.ts";
export type { Machine, MachineFile, MachineType } from "./machine.ts";
