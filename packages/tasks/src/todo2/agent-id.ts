import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isRunning } from "../process-alive.ts";

const defaultName = "general";

/** How an agent's id is made. */
export interface AgentIdOptions {
  /** Default: the environment variable `EXARP_AGENT`, or `general`. */
  readonly name?: string | undefined;
  /** Add a random part, so that nobody can guess or reuse it. Default false: exarp's own form. */
  readonly unpredictable?: boolean | undefined;
}

/** exarp's id of this process: `<name>-<host>-<pid>`. The pid stays last, where exarp looks for it. */
export function getAgentId(options: AgentIdOptions = {}): string {
  const random = options.unpredictable === true ? `-${randomUUID().replaceAll("-", "")}` : "";
  return `${getAgentIdSimple(options)}${random}-${process.pid}`;
}

/** The id of whichever process this agent runs in: `<name>-<host>`. Two processes with it can take each other's claims. */
export function getAgentIdSimple({ name }: AgentIdOptions = {}): string {
  return `${name ?? (process.env["EXARP_AGENT"] || defaultName)}-${hostname()}`;
}

/** Whether an id names a process of this host that is gone. False where that cannot be known. */
export function isDeadAgent(agentId: string): boolean {
  const [, before = "", digits] = /^(.+?)(?:-[0-9a-f]{32})?-(\d{1,10})$/.exec(agentId) ?? [];
  const pid = Number(digits);
  // What stands right before the pid: a name may hold that of this host, and yet be of another.
  return before.endsWith(`-${hostname()}`) && Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid);
}
