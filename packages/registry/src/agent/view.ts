import type { DeepReadonly } from "@flockwork/core";
import type { AgentEntry, AgentFile } from "./agent-entry.ts";
import type { Agent } from "./agent.ts";
import { judge, type Judge } from "./liveness.ts";
import { statusOf } from "./status-text.ts";

/** The file as it is read: frozen. */
export type ReadFile = DeepReadonly<AgentFile>;

/** An entry that may be looked up by any name. */
export function entryOf(file: ReadFile, id: string): Readonly<AgentEntry> | undefined {
  // The parts of the file that are frozen more deeply than their type says are only read.
  return Object.hasOwn(file, id) ? (file[id] as Readonly<AgentEntry>) : undefined;
}

/** Whether there is an agent behind an entry: it is registered, or another program's. Else only its end is remembered. */
export function isAgent(entry: Readonly<AgentEntry>): boolean {
  return entry.generation !== undefined || entry.ends === undefined;
}

/** An agent as others see it. */
export function agentOf(id: string, entry: Readonly<AgentEntry>, by: Judge): Agent {
  const { status, at } = statusOf(entry);
  const { generation, revision, registeredAt, heartbeat, process, capacity } = entry;
  const { labels = {}, capabilities = [] } = entry;
  return {
    id,
    liveness: judge(id, entry, by).liveness,
    status,
    statusAt: at,
    generation,
    revision,
    registeredAt,
    lastSeenAt: heartbeat?.at,
    process,
    labels,
    capabilities,
    capacity,
  };
}
