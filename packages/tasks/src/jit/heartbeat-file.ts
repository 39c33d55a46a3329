import type { DocumentSnapshot, Store, StoreDocument } from "@flockwork/core";
import { jitText, ownLayout, schemaOf } from "./files.ts";
import { checkAgent, isAgent } from "./issue.ts";

const directory = "heartbeat";

/** `heartbeat/<agent>.json`, as jit writes it. */
export interface JitHeartbeat {
  /** `type:id`. */
  readonly agent_id: string;
  readonly worktree_id: string;
  readonly branch: string;
  readonly pid: number;
  readonly last_beat: string;
  readonly interval_secs: number;
}

/** How jit calls the file of an agent. @throws {TypeError} no name that a file can have. */
export function nameOfHeartbeat(agent: string): string {
  const name = checkAgent("agent", agent).replaceAll(":", "-");
  if (name.includes("/")) throw new TypeError(`agent must hold no "/" to have a heartbeat, got ${agent}`);
  return `${directory}/${name}.json`;
}

/**
 * Whether a file is to be removed with the process that it names: the agent's own, or one of an agent whose name no file can
 * have. What else says that an agent is gone, such as a copy, does not speak for it.
 */
export function isOwnFile(name: string, agent: string): boolean {
  const own = agent.replaceAll(":", "-");
  return own.includes("/") || name === `${directory}/${own}.json`;
}

export async function heartbeatNames(store: Store): Promise<readonly string[]> {
  return (await store.list(directory)).filter((name) => name.endsWith(".json"));
}

export function heartbeatOf(store: Store, name: string): StoreDocument<JitHeartbeat> {
  return store.document<JitHeartbeat>({
    name,
    ...jitText,
    layout: ownLayout("heartbeat", 1),
    durability: "os", // after a loss of power no process of it is left
    merge: "overwrite",
    schema: heartbeatSchema,
  });
}

const heartbeatSchema = schemaOf<JitHeartbeat>(
  "a heartbeat of jit",
  ({ agent_id: agent, last_beat: beat, pid, interval_secs: every }) =>
    isAgent(agent) &&
    typeof beat === "string" &&
    !Number.isNaN(Date.parse(beat)) &&
    Number.isSafeInteger(pid) &&
    Number(pid) > 0 &&
    Number.isFinite(every),
);

/** What a file says. Undefined where there is none, or where it is no heartbeat. */
export async function readHeartbeat(
  document: StoreDocument<JitHeartbeat>,
): Promise<DocumentSnapshot<JitHeartbeat> | undefined> {
  try {
    return await document.readWithRevision();
  } catch (error) {
    const { code, osCode } = error as { code?: unknown; osCode?: unknown };
    const isNone = code === "ERR_DOCUMENT_CORRUPT" || code === "ERR_DOCUMENT_INVALID" || osCode === "ENOENT";
    if (isNone) return undefined;
    throw error;
  }
}
