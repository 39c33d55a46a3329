import { hostname } from "node:os";
import { bootId, pidNamespace, processExists, processIdentity } from "./process-identity.ts";

/** Who a process is, in a form that a reused pid cannot fake. Can be stored as JSON, and judged by other processes. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Start of the process in clock ticks since boot; undefined where the system does not tell. */
  readonly startTicks?: string | undefined;
  /** Differs after each boot; undefined where the system does not tell. */
  readonly bootId?: string | undefined;
  /** Pids of two namespaces cannot be compared; undefined where the system has none. */
  readonly pidNamespace?: string | undefined;
}

/** Whether a value that was read from somewhere can be judged by {@link judgeProcess}. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== "object" || value === null) return false;
  const { pid, host, startTicks, bootId, pidNamespace } = value as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0 || typeof host !== "string") return false;
  return [startTicks, bootId, pidNamespace].every((each) => each === undefined || typeof each === "string");
}

/**
 * What can be told of a process from here. `running`: its pid exists, and nothing says that it is another's by now.
 * `elsewhere`: of another host or pid namespace, so nothing can be told. The others are proof that it has ended:
 * `process-gone`: its pid does not exist; `process-replaced`: the pid is one that started at another time;
 * `boot-changed`: its host was started anew.
 */
export type ProcessVerdict = "running" | "elsewhere" | "process-gone" | "process-replaced" | "boot-changed";

/** The identity of a process of this host that exists: by default, this one. */
export function identifyProcess(pid: number = process.pid): ProcessIdentity {
  const identity: Record<string, string | undefined> = {
    startTicks: processIdentity(pid)?.startTicks,
    bootId: bootId(),
    pidNamespace: pidNamespace(),
  };
  const known = Object.entries(identity).filter(([, value]) => value !== undefined);
  return { pid, host: hostname(), ...Object.fromEntries(known) };
}

/** Looks whether a process still runs. One that is paused runs; one that may not be signalled runs; a zombie does not. */
export function judgeProcess(identity: ProcessIdentity): ProcessVerdict {
  const { pid, host } = identity;
  if (host.toLowerCase() !== hostname().toLowerCase()) return "elsewhere";
  if (differs(identity.bootId, bootId())) return "boot-changed";
  if (identity.pidNamespace !== undefined && identity.pidNamespace !== pidNamespace()) return "elsewhere";
  if (!processExists(pid)) return "process-gone";
  return differs(identity.startTicks, processIdentity(pid)?.startTicks) ? "process-replaced" : "running";
}

function differs(recorded: string | undefined, current: string | undefined): boolean {
  return recorded !== undefined && current !== undefined && recorded !== current;
}
