import type { ProcessIdentity } from "@flockwork/core";

/** Derived when it is asked for, from the last heartbeat and from proof; never trusted from the file. */
export type Liveness =
  | "alive"
  /** Missed its heartbeat. Not proven dead: it may be paused, slow, or asleep. */
  | "suspect"
  /** Proven, and waiting for `sweep()` to evict it. */
  | "dead";

/** Who an agent is: what it registers with. */
export interface AgentDetails {
  /** What others call it, as `"gastown/polecats/nux"`. */
  readonly id: string;
  /** Default: this process. `"unknown"` where no process can be told: then only silence past its grace proves it dead. */
  readonly process?: ProcessIdentity | "unknown" | undefined;
  /** For selectors: keys and values as in Kubernetes. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** What it can do, in words of your own. */
  readonly capabilities?: readonly string[] | undefined;
  /** How much it takes on at once, in a unit of your own. */
  readonly capacity?: number | undefined;
  /** What it is doing, as `updateAgentStatus` sets it. */
  readonly status?: string | undefined;
  /** Milliseconds a heartbeat lasts. Default 30 000. */
  readonly leaseMs?: number | undefined;
  /**
   * Milliseconds of silence, beyond `leaseMs` and after it was found suspect, that prove an agent dead whose process cannot be
   * seen. Default 30 000.
   */
  readonly graceMs?: number | undefined;
}

/** An agent that is registered, as it is now. */
export interface Agent {
  readonly id: string;
  readonly liveness: Liveness;
  /** What it said that it is doing. Empty where it said nothing. */
  readonly status: string;
  /** When it said so: an ISO 8601 instant. Empty where that is not known. */
  readonly statusAt: string;
  /** Names this registration. Undefined for an entry that another program wrote: there is no registration behind it. */
  readonly generation: string | undefined;
  /** Names the last change of this agent other than a heartbeat. Later changes of the registry have higher ones. */
  readonly revision: string | undefined;
  readonly registeredAt: string | undefined;
  /** The last heartbeat: an ISO 8601 instant. */
  readonly lastSeenAt: string | undefined;
  readonly process: ProcessIdentity | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly capacity: number | undefined;
}

/** What a registration gives: keep it, it is the proof of being that agent. */
export interface Registration {
  readonly id: string;
  /** Decimal; higher than that of every registration before. Goes with each heartbeat, and with unregistering. */
  readonly generation: string;
  /** A secret that lets a restarted program go on as the same agent. Only its hash is stored. */
  readonly resumeToken: string;
  /** Whether it goes on with an earlier registration, whose work is still its own. False: whatever was claimed before is released. */
  readonly resumed: boolean;
}

/** What proves that an agent is gone. */
export type DeathProof =
  /** Its pid does not exist. */
  | "process-gone"
  /** Its pid is that of a process that started at another time. */
  | "process-replaced"
  /** Its host was started anew. */
  | "boot-changed"
  /** Its process cannot be seen from here, and it was silent past its grace. */
  | "lease-expired"
  /** It said so itself. */
  | "unregistered";

/** The end of an agent: by death, or by its own word. */
export interface AgentDeath {
  readonly id: string;
  /** The registration that ended. Whatever carries a lower or equal one of this agent is over. */
  readonly generation: string;
  readonly proof: DeathProof;
  /** The proof in words. */
  readonly reason: string;
  /** When it was found out: an ISO 8601 instant. */
  readonly endedAt: string;
  /** Its last heartbeat, or when it unregistered: until then it certainly worked. */
  readonly lastSeenAt: string;
  readonly labels: Readonly<Record<string, string>>;
}
