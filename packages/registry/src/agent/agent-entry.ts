/** `registry.json`: agent id → entry. What other programs put into an entry, or beside ours, is kept. */
import type { Durability, MonotonicTime, ProcessIdentity, Store, StoreDocument } from "@flockwork/core";
import {
  amount,
  faultsOfFields,
  instant,
  isObject,
  object,
  pid,
  schemaOf,
  text,
  texts,
  type Fault,
  type FieldRule,
  type Schema,
} from "../json-checks.ts";
import type { DeathProof } from "./agent.ts";

/** A registered agent has a `generation`; one that ended has only `ends`; another program's has neither. */
export interface AgentEntry {
  status?: string;
  updatedAt?: string;
  /** As programs write it that use Go's default names. Wins over `status`. */
  Status?: string;
  UpdatedAt?: string;
  generation?: string;
  revision?: string;
  registeredAt?: string;
  process?: ProcessIdentity;
  labels?: Record<string, string>;
  capabilities?: string[];
  capacity?: number;
  /** SHA-256 of the resume token, in hexadecimal. */
  resumeHash?: string;
  heartbeat?: Heartbeat;
  /** Set by a sweep that missed a heartbeat, removed by the next heartbeat. */
  suspect?: Suspicion;
  /** Registrations that ended, the latest last, while they are remembered. */
  ends?: EndRecord[];
  /** The highest revision among the ends that were forgotten. */
  prunedThrough?: string;
}

/** The last sign of life, and how long it lasts. */
export interface Heartbeat {
  at: string;
  leaseMs: number;
  graceMs: number;
  /** On the clock the process shares with others: decides where it can be read. */
  monotonic?: MonotonicTime;
}

/** When a sweep first missed a heartbeat. Silence is counted from there, on the sweeper's monotonic clock. */
export interface Suspicion {
  since: string;
  /** When each of the machines that sweep first missed it, by its own clock: the latest sweeper last. */
  clocks?: MonotonicTime[];
}

/** One registration that ended. */
export interface EndRecord {
  generation: string;
  revision: string;
  proof: DeathProof;
  reason: string;
  endedAt: string;
  lastSeenAt: string;
  labels?: Record<string, string>;
  /** Names of the effects that have taken this end into account. */
  settled?: string[];
}

/** Agent id → entry. */
export type AgentFile = Record<string, AgentEntry>;

/** A decimal number that only grows: generations and revisions. */
const token: FieldRule = [
  "a decimal string",
  (value) => typeof value === "string" && /^(?:0|[1-9]\d{0,37})$/.test(value),
];
const entryRules: Readonly<Record<string, FieldRule>> = {
  status: text,
  Status: text,
  generation: token,
  revision: token,
  process: object,
  labels: object,
  capabilities: texts,
  capacity: amount,
  resumeHash: text,
  heartbeat: object,
  suspect: object,
  ends: ["an array of objects", (value) => Array.isArray(value) && value.every(isObject)],
  prunedThrough: token,
};
export const processRequired: readonly string[] = ["pid", "host"];
export const processRules: Readonly<Record<string, FieldRule>> = {
  pid,
  host: text,
  startTicks: text,
  bootId: text,
  pidNamespace: text,
};
const isMonotonic = (value: unknown): boolean =>
  isObject(value) && typeof value["clock"] === "string" && Number.isFinite(value["ms"]);
const heartbeatRules = {
  at: instant,
  leaseMs: amount,
  graceMs: amount,
  monotonic: ["a time on a clock", isMonotonic],
} as const satisfies Readonly<Record<string, FieldRule>>;
const suspectRules = {
  since: instant,
  clocks: ["an array of times on clocks", (value) => Array.isArray(value) && value.every(isMonotonic)],
} as const satisfies Readonly<Record<string, FieldRule>>;
const endRules = {
  generation: token,
  revision: token,
  proof: text,
  reason: text,
  endedAt: instant,
  lastSeenAt: instant,
  labels: object,
  settled: texts,
};
const endRequired = ["generation", "revision", "proof", "reason", "endedAt", "lastSeenAt"];

/** What `registry.json` must be: only what we rely on is checked. */
export const agentFile: Schema<AgentFile> = schemaOf((value) => {
  if (!isObject(value)) return [{ message: "it must be an object: agent id → entry", path: [] }];
  const faults: Fault[] = [];
  for (const id in value) {
    const entry = value[id];
    if (!isObject(entry)) faults.push({ message: "an agent must be an object", path: [id] });
    else collectFaults(entry, id, faults);
  }
  return faults;
});

function collectFaults(entry: Readonly<Record<string, unknown>>, id: string, faults: Fault[]): void {
  const own = faultsOfFields(entry, entryRules, [id], entry["generation"] === undefined ? [] : ["heartbeat"]);
  if (own.length > 0) return void faults.push(...own);
  const { process, heartbeat, suspect, labels, ends } = entry as AgentEntry;
  const part = (
    name: string,
    value: object,
    rules: Readonly<Record<string, FieldRule>>,
    required: readonly string[],
  ): void =>
    void faults.push(
      ...faultsOfFields(value as Readonly<Record<string, unknown>>, rules, [id, name], required),
    );
  if (process !== undefined) part("process", process, processRules, processRequired);
  if (heartbeat !== undefined) part("heartbeat", heartbeat, heartbeatRules, ["at", "leaseMs", "graceMs"]);
  if (suspect !== undefined) part("suspect", suspect, suspectRules, ["since"]);
  for (const end of ends ?? []) part("ends", end, endRules, endRequired);
  for (const key in labels)
    if (typeof labels[key] !== "string")
      faults.push({ message: "a label must be a string", path: [id, "labels", key] });
}

/** The registry in its store. Only its owner can read it. */
export function agentDocument(
  store: Store,
  options: { readonly document?: string | undefined; readonly durability?: Durability | undefined },
): StoreDocument<AgentFile> {
  const { document: name = "registry.json", durability } = options;
  return store.document({
    name,
    schema: agentFile,
    defaults: () => ({}),
    layout: "gastown",
    durability,
    mode: 0o600,
  });
}
