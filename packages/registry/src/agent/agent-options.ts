import {
  identifyProcess,
  type Clock,
  type Durability,
  type ProcessIdentity,
  type WaitOptions,
} from "@flockwork/core";
import { checkKey, checkObject, checkPositiveMs, checkText } from "../arguments.ts";
import { faultsOfFields, isObject } from "../json-checks.ts";
import { processRequired, processRules } from "./agent-entry.ts";
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
  checkObject("details", details);
  const { process = identifyProcess(), capabilities = [], capacity, status } = details;
  const { leaseMs = defaultLeaseMs, graceMs = defaultLeaseMs } = details;
  if (!Array.isArray(capabilities)) throw new TypeError("capabilities must be an array of strings");
  if (
    capacity !== undefined &&
    !(typeof capacity === "number" && capacity >= 0 && capacity <= Number.MAX_SAFE_INTEGER)
  )
    throw new TypeError("capacity must be a number of 0 or more, and less than 2^53");
  return {
    id: checkKey("id", details.id),
    process: process === "unknown" ? undefined : checkProcess(process),
    labels: checkLabels(details.labels),
    capabilities: Array.from(capabilities, (each) => checkText("capability", each)),
    capacity,
    status: status === undefined ? undefined : checkText("status", status),
    leaseMs: checkPositiveMs("leaseMs", leaseMs),
    graceMs: checkPositiveMs("graceMs", graceMs),
    resumeToken: resumeToken === undefined ? undefined : checkToken(resumeToken),
  };
}

/** Here, not by the schema: that would refuse the changes of others, too, that share the commit. */
function checkProcess(process: unknown): ProcessIdentity {
  const [fault] = isObject(process)
    ? faultsOfFields(process, processRules, [], processRequired)
    : [noProcess];
  if (fault !== undefined) throw new TypeError(`process is no identity of a process: ${fault.message}`);
  const { pid, host, startTicks, bootId, pidNamespace } = process as ProcessIdentity;
  return { pid, host, startTicks, bootId, pidNamespace };
}

const noProcess = { message: 'it must be what identifyProcess() gives, or "unknown"' };

/** Whoever knows it is the agent: an empty one, as of a variable that is not set, would be known to everyone. */
function checkToken(token: unknown): string {
  if (checkText("resumeToken", token) === "") throw new TypeError("resumeToken must not be empty");
  return token as string;
}
