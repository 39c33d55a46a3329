import type { StoreDocument, WatchOptions } from "@flockwork/core";
import { checkRevision } from "../arguments.ts";
import { RevisionTooOldError } from "../errors.ts";
import type { AgentEntry, AgentFile } from "./agent-entry.ts";
import type { Agent, AgentDeath } from "./agent.ts";
import { deathOfEnd } from "./end-agent.ts";
import type { Judge } from "./liveness.ts";
import { isLater } from "./turn.ts";
import { agentOf, entryOf, isAgent } from "./view.ts";

/** How agents are watched. */
export interface AgentWatchOptions extends WatchOptions {
  /** A revision that is known already, from an event or from `listWithRevision`: what came later is told. Default: all that is there. */
  readonly fromRevision?: string | undefined;
}

/** A transition of an agent. Heartbeats are none. */
export type AgentEvent = {
  readonly id: string;
  /** To go on from, later. Undefined for what another program wrote. */
  readonly revision: string | undefined;
} & (
  | {
      /** `registered`: anew, or going on; `updated`: another status, or no longer suspect; `suspect`: found silent by a sweep. */
      readonly type: "registered" | "updated" | "suspect";
      readonly agent: Agent;
    }
  | {
      /** `dead`: evicted; `left`: unregistered. */
      readonly type: "dead" | "left";
      readonly death: AgentDeath;
    }
  | {
      /** Not there any more, and no end is remembered: it was forgotten between two looks, or another program dropped the entry. */
      readonly type: "gone";
    }
);

/**
 * Transitions, as they are committed: in the order of their revisions, and each agent's latest only where several came between
 * two looks. Ends when the signal aborts.
 * @throws {RevisionTooOldError} `ERR_REVISION_TOO_OLD`: ends after `fromRevision` have been forgotten.
 */
export async function* watchAgents(
  document: StoreDocument<AgentFile>,
  judgeNow: () => Judge,
  options: AgentWatchOptions,
): AsyncGenerator<AgentEvent, void, undefined> {
  const { fromRevision, ...watch } = options;
  if (fromRevision !== undefined) checkRevision("fromRevision", fromRevision);
  let known: ReadonlyMap<string, string> | undefined;
  let agents: readonly string[] = [];
  for await (const { value } of document.watch(watch)) {
    const entries = Object.keys(value).map((id) => [id, entryOf(value, id) as AgentEntry] as const);
    const told = known;
    if (told === undefined && fromRevision !== undefined) refuseForgotten(entries, fromRevision);
    const changed = entries.filter(([id, entry]) =>
      told === undefined ? isNews(entry, fromRevision) : told.get(id) !== markOf(entry),
    );
    const gone = agents.filter((id) => !Object.hasOwn(value, id));
    known = new Map(entries.map(([id, entry]) => [id, markOf(entry)]));
    agents = entries.flatMap(([id, entry]) => (isAgent(entry) ? [id] : []));
    for (const id of gone) yield { id, revision: undefined, type: "gone" };
    const by = judgeNow();
    for (const [id, entry] of changed.toSorted(byRevision)) yield eventOf(id, entry, by);
  }
}

function refuseForgotten(entries: readonly (readonly [string, AgentEntry])[], fromRevision: string): void {
  for (const [, { prunedThrough }] of entries)
    if (prunedThrough !== undefined && isLater(prunedThrough, fromRevision))
      throw new RevisionTooOldError(fromRevision, prunedThrough);
}

/** Whether an entry is told of at the beginning of a watch. Ends are, only to those who may have known the agent. */
function isNews(entry: AgentEntry, fromRevision: string | undefined): boolean {
  if (fromRevision === undefined) return isAgent(entry);
  return entry.revision === undefined || isLater(entry.revision, fromRevision);
}

/** What changes with every transition, and not with a heartbeat. Other programs change a status without a revision. */
function markOf(entry: AgentEntry): string {
  if (!isAgent(entry)) return entry.revision ?? "";
  const { revision = "", Status, status, UpdatedAt, updatedAt } = entry;
  return JSON.stringify([revision, Status ?? status, UpdatedAt ?? updatedAt]);
}

function byRevision([, a]: readonly [string, AgentEntry], [, b]: readonly [string, AgentEntry]): number {
  const [first, second] = [a.revision ?? "0", b.revision ?? "0"];
  return first === second ? 0 : isLater(first, second) ? 1 : -1;
}

function eventOf(id: string, entry: AgentEntry, by: Judge): AgentEvent {
  const { revision, generation } = entry;
  const end = entry.ends?.at(-1);
  if (generation === undefined && end !== undefined)
    return { id, revision, type: end.proof === "unregistered" ? "left" : "dead", death: deathOfEnd(id, end) };
  const isNew = generation !== undefined && revision === generation;
  const type = entry.suspect !== undefined ? "suspect" : isNew ? "registered" : "updated";
  return { id, revision, type, agent: agentOf(id, entry, by) };
}
