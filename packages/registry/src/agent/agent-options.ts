import { identifyProcess, type Clock, type Durability, type WaitOptions } from "@flockwork/core";
import { checkKey, checkOptions, checkPositiveMs, checkText } from "../arguments.ts";
import type { AgentRequest } from "./agent-changes.ts";
import type { AgentDetails, Liveness } from "./agent.ts";
import { checkLabels } from "./labels.ts";

/** Where the agents are, and how they are kept. */
export interface AgentRegistryOptions {
  /** The document of the store. Default `"registry.json"`. */
  readonly document?: string | undefined;
  /** What a change must survive. Default `"disk"`. */
  readonly durability?: Durability | undefined;
  /** How many ends are remembered, for `whyDead`, watchers and effects. Default 256. */
  readonly keepEnds?: number | undefined;
  /** Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
}

/** How a status is set. */
export interface StatusOptions extends WaitOptions {
  /** Only as this registration: one that is over does not speak for its successor. Default: for whoever has the id. */
  readonly generation?: string | undefined;
}

/** How one registration is made. */
export interface RegisterOptions extends WaitOptions {
  /** Goes on with the registration that gave this token: same agent, new process. */
  readonly resumeToken?: string | undefined;
}

/** Which agents are listed. */
export interface AgentListOptions {
  readonly liveness?: readonly Liveness[] | undefined;
  /** Only agents that can do all of this. */
  readonly capabilities?: readonly string[] | undefined;
}

/** How long a heartbeat lasts, and the grace after it, unless the agent says otherwise. */
export const defaultLeaseMs = 30_000;
export const defaultKeepEnds = 256;

/** Checks what an agent registers with, and completes it. @throws {TypeError | RangeError} naming what is wrong. */
export function requestOf(details: AgentDetails, resumeToken: string | undefined): AgentRequest {
  checkOptions(details);
  const { process = identifyProcess(), capabilities = [], capacity, status } = details;
  const { leaseMs = defaultLeaseMs, graceMs = defaultLeaseMs } = details;
  if (!Array.isArray(capabilities)) throw new TypeError("capabilities must be an array of strings");
  if (capacity !== undefined && !(typeof capacity === "number" && capacity >= 0 && Number.isFinite(capacity)))
    throw new TypeError("capacity must be a number of 0 or more");
  return {
    id: checkKey("id", details.id),
    process: process === "unknown" ? undefined : process,
    labels: checkLabels(details.labels),
    capabilities: capabilities.map((each) => checkText("capability", each)),
    capacity,
    status: status === undefined ? undefined : checkText("status", status),
    leaseMs: checkPositiveMs("leaseMs", leaseMs),
    graceMs: checkPositiveMs("graceMs", graceMs),
    resumeToken: resumeToken === undefined ? undefined : checkText("resumeToken", resumeToken),
  };
}
