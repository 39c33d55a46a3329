/**
 * What can happen to an agent's entry: each a function of one turn at the file. All of them look first and change then, so that
 * one that throws has changed nothing, and those that share its commit are not disturbed.
 */
import { createHash, randomBytes } from "node:crypto";
import type { ProcessIdentity } from "@flockwork/core";
import { EntryExistsError, StaleGenerationError } from "../errors.ts";
import type { AgentEntry, EndRecord, Heartbeat } from "./agent-entry.ts";
import type { Registration } from "./agent.ts";
import { judge, needsSuspicion, type Judge } from "./liveness.ts";
import { setStatus } from "./status-text.ts";
import type { Turn } from "./turn.ts";

/** What an agent registers with, checked and complete. */
export interface AgentRequest {
  readonly id: string;
  readonly process: ProcessIdentity | undefined;
  readonly labels: Record<string, string>;
  readonly capabilities: string[];
  readonly capacity: number | undefined;
  readonly status: string | undefined;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly resumeToken: string | undefined;
}

/** The id is held by a registration that is proven dead, and must be ended first. */
export const predecessorIsDead: unique symbol = Symbol("predecessor is dead");

/** Registers an agent, or goes on with its registration. @throws {EntryExistsError} somebody who is not proven dead has the id. */
export function registerAgent(
  turn: Turn,
  request: AgentRequest,
  by: Judge,
): Registration | typeof predecessorIsDead {
  const { id, process, labels, capabilities, capacity, status, leaseMs, graceMs } = request;
  const known = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
  const token = request.resumeToken ?? randomBytes(24).toString("base64url");
  const held = known?.generation;
  const resumed = held !== undefined && known?.resumeHash === hashOf(token);
  if (known !== undefined && held !== undefined && !resumed) {
    if (judge(id, known, by).liveness === "dead") return predecessorIsDead;
    throw new EntryExistsError(id, held, holderOf(known));
  }
  const generation = turn.nextRevision();
  const entry: AgentEntry = known ?? (turn.file[id] = {});
  if (status !== undefined) setStatus(turn.file, entry, status, turn.at);
  else if (held === undefined && (known === undefined || known.ends !== undefined))
    setStatus(turn.file, entry, "", turn.at);
  const fresh = { generation, revision: generation, registeredAt: turn.at, resumeHash: hashOf(token) };
  Object.assign(entry, fresh, { heartbeat: heartbeatAt(turn, leaseMs, graceMs) });
  assignOrDelete(entry, { process, capacity, labels: filled(labels), capabilities: filled(capabilities) });
  delete entry.suspect;
  return { id, generation, resumeToken: token, resumed };
}

/** Notes a sign of life. @throws {StaleGenerationError} it is not the current registration's. */
export function beat(turn: Turn, id: string, generation: string): void {
  const entry = currentEntry(turn, id, generation);
  const { leaseMs, graceMs } = entry.heartbeat as Heartbeat;
  if (entry.suspect !== undefined) {
    entry.revision = turn.nextRevision();
    delete entry.suspect;
  }
  entry.heartbeat = heartbeatAt(turn, leaseMs, graceMs);
}

/**
 * Sets what an agent says that it is doing; an id that is not there gets an entry, as other programs make it.
 * @throws {StaleGenerationError} a generation is given, and it is not the current registration's.
 */
export function setAgentStatus(turn: Turn, id: string, status: string, generation?: string): void {
  if (generation !== undefined) currentEntry(turn, id, generation);
  const known = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
  const ended = known?.ends !== undefined && known.generation === undefined;
  const revision = ended ? undefined : turn.nextRevision();
  const entry: AgentEntry = known ?? (turn.file[id] = {});
  setStatus(turn.file, entry, status, turn.at);
  if (revision !== undefined) entry.revision = revision;
}

/** Machines whose clocks a suspicion remembers. */
const mostClocks = 16;

/** Notes that an agent was silent, if it still is. Whether it was noted. */
export function suspectAgent(turn: Turn, id: string, by: Judge): boolean {
  const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
  if (entry?.generation === undefined || judge(id, entry, by).liveness !== "suspect") return false;
  if (!needsSuspicion(entry.suspect, turn.now)) return false;
  const isNew = entry.suspect === undefined;
  if (isNew) entry.revision = turn.nextRevision();
  const { since = turn.at, clocks = [] } = entry.suspect ?? {};
  const { monotonic } = turn.now;
  // Of machines that swept it, each has its own: they would else take turns at counting from the beginning.
  entry.suspect = {
    since,
    ...(monotonic && { clocks: [...clocks.slice(1 - mostClocks), { ...monotonic }] }),
  };
  return isNew;
}

/** The entry of a registration that is current. @throws {StaleGenerationError} it is not. */
export function currentEntry(turn: Turn, id: string, generation: string): AgentEntry {
  const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
  if (entry?.generation === generation && entry.heartbeat !== undefined) return entry;
  throw new StaleGenerationError(id, generation, entry?.generation, whyNotCurrent(entry, generation));
}

function whyNotCurrent(entry: AgentEntry | undefined, generation: string): string {
  const end = entry?.ends?.find((each) => each.generation === generation);
  if (end !== undefined) return endInWords(end);
  if (entry?.generation !== undefined) return `generation ${entry.generation} took its place`;
  return "its entry is gone: it ended long ago, or a program that drops what it does not know rewrote the registry";
}

function endInWords({ proof, reason, endedAt }: Readonly<EndRecord>): string {
  return proof === "unregistered"
    ? `it unregistered at ${endedAt}`
    : `it was declared dead at ${endedAt}: ${reason}`;
}

function holderOf({ process, heartbeat }: AgentEntry): string {
  const who = process === undefined ? "an unknown process" : `process ${process.pid} of ${process.host}`;
  return `${who}, last seen at ${heartbeat?.at}`;
}

function heartbeatAt(turn: Turn, leaseMs: number, graceMs: number): Heartbeat {
  return { at: turn.at, leaseMs, graceMs, ...stampOf(turn) };
}

function stampOf({ now }: Turn): Pick<Heartbeat, "monotonic"> {
  return now.monotonic === undefined ? {} : { monotonic: { ...now.monotonic } };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Empty ones need not be written down. */
function filled<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function assignOrDelete(
  entry: AgentEntry,
  fields: { [K in keyof AgentEntry]?: AgentEntry[K] | undefined },
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) delete entry[name as keyof AgentEntry];
    else Object.assign(entry, { [name]: value });
  }
}
