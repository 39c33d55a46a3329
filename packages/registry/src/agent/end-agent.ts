/** How a registration ends, and how its end is remembered. */
import { highestFencingToken } from "@flockwork/core";
import type { AgentEntry, AgentFile, EndRecord } from "./agent-entry.ts";
import type { AgentDeath, DeathProof } from "./agent.ts";
import { setStatus, statusOf } from "./status-text.ts";
import { isLater, type Turn } from "./turn.ts";

/** Why a registration ends. */
export interface EndCause {
  readonly proof: DeathProof;
  readonly reason: string;
}

/** What is told to effects, and to whoever asks, before the entry is changed. */
export function deathOf(id: string, entry: Readonly<AgentEntry>, cause: EndCause, at: string): AgentDeath {
  const lastSeenAt = cause.proof === "unregistered" ? at : (entry.heartbeat?.at ?? at);
  const { generation = "0", labels = {} } = entry;
  return { id, generation, ...cause, endedAt: at, lastSeenAt, labels: { ...labels } };
}

/** The same from the file, once it has ended. */
export function deathOfEnd(id: string, end: Readonly<EndRecord>): AgentDeath {
  const { generation, proof, reason, endedAt, lastSeenAt, labels = {} } = end;
  return { id, generation, proof, reason, endedAt, lastSeenAt, labels: { ...labels } };
}

/** Ends the registration of an entry. */
export function endAgent(turn: Turn, entry: AgentEntry, death: AgentDeath, settled: readonly string[]): void {
  const revision = turn.nextRevision();
  const { generation, proof, reason, endedAt, lastSeenAt, labels } = death;
  const end: EndRecord = { generation, revision, proof, reason, endedAt, lastSeenAt, settled: [...settled] };
  if (Object.keys(labels).length > 0) end.labels = { ...labels };
  entry.ends = [...(entry.ends ?? []), end];
  entry.revision = revision;
  setStatus(turn.file, entry, lastWord(proof), turn.at);
  for (const field of livingFields) delete entry[field];
}

const livingFields = [
  "generation",
  "registeredAt",
  "process",
  "labels",
  "capabilities",
  "capacity",
  "resumeHash",
  "heartbeat",
  "suspect",
] as const satisfies readonly (keyof AgentEntry)[];

/** The status of an agent that has ended. */
function lastWord(proof: DeathProof): string {
  return proof === "unregistered" ? "left" : "dead";
}

const fieldsOfTheEnded: ReadonlySet<string> = new Set([
  "status",
  "updatedAt",
  "Status",
  "UpdatedAt",
  "revision",
  "ends",
]);

/** Whether nobody but us has put anything into the entry of an agent that has ended. */
function isOnlyMemory(entry: Readonly<AgentEntry>): boolean {
  const latest = entry.ends?.at(-1);
  if (latest === undefined || statusOf(entry).status !== lastWord(latest.proof)) return false;
  return Object.keys(entry).every((field) => fieldsOfTheEnded.has(field));
}

/**
 * Keeps so many ends, the latest of all. An entry goes with its last one, unless other programs put something into it. The entry of the latest says how far they were forgotten, so that watchers learn what
 * they cannot see.
 */
export function forgetEnds(file: AgentFile, latest: AgentEntry, keep: number): void {
  const revisions: string[] = [];
  for (const id in file) for (const end of file[id]?.ends ?? []) revisions.push(end.revision);
  if (revisions.length <= keep) return;
  revisions.sort((a, b) => (isLater(a, b) ? -1 : 1));
  const forgotten = revisions[keep] ?? "0";
  let prunedThrough: string | undefined = forgotten;
  for (const [id, entry] of Object.entries(file)) {
    prunedThrough = highestFencingToken([prunedThrough, entry.prunedThrough]);
    delete entry.prunedThrough;
    if (entry.ends === undefined) continue;
    const kept = entry.ends.filter(({ revision }) => isLater(revision, forgotten));
    if (kept.length > 0) entry.ends = kept;
    else if (entry.generation !== undefined) delete entry.ends;
    else if (isOnlyMemory(entry)) delete file[id];
    else entry.ends = []; // it is no agent's any more
  }
  if (prunedThrough !== undefined) latest.prunedThrough = prunedThrough;
}
