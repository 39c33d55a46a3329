/** Who a process is, in a form that a reused pid cannot fake. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Start of the process in clock ticks since boot; undefined where the system does not tell. */
  readonly startTicks?: string | undefined;
  readonly bootId?: string | undefined;
}

/** One agent, as `registry.json` holds it under the agent's id. */
export interface AgentEntry {
  readonly status: string;
  readonly updatedAt: string;
  readonly identity?: ProcessIdentity | undefined;
  /** Grows with every registration of the same id, so that a late exit cannot remove its successor. */
  readonly generation?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Derived when it is asked for, never stored. */
export type Liveness =
  | "alive"
  /** Missed a heartbeat; not yet proven dead. */
  | "suspect"
  /** Proven: same host, and its process or its boot is gone. */
  | "dead";

/** `.runtime/agent.lock` of a worker: who lives in its directory. */
export interface AgentLockRecord {
  readonly pid: number;
  readonly acquired_at: string;
  readonly session_id?: string | undefined;
  readonly hostname?: string | undefined;
}

/** `~/.local/state/gastown/state.json`. */
export interface TownState {
  readonly enabled: boolean;
  readonly version: string;
  /** Eight characters. */
  readonly machine_id: string;
  readonly installed_at: string;
  readonly updated_at: string;
  readonly shell_integration?: string | undefined;
  /** `0001-01-01T00:00:00Z` means never. */
  readonly last_doctor_run?: string | undefined;
}
