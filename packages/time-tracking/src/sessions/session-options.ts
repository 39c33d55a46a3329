import type { Drafts, ProcessIdentity, StoreMembers, WaitOptions } from "@flockwork/core";
import type { Recovered } from "../timers/recover.ts";
import type { ActiveSession } from "./session.ts";

/** How sessions are kept. */
export interface SessionManagerOptions {
  /**
   * Milliseconds of silence after which `sweep` also ends sessions whose process cannot be seen from here: those of other hosts.
   * Judged by the wall clock. Default: never; silence proves nothing.
   */
  readonly elsewhereSilentMs?: number | undefined;
  /** Write `sessions/current.json`, and that of the developer's namespace, for FlowForge's status line. Default true. */
  readonly current?: boolean | undefined;
}

/** How a session is opened. */
export interface OpenSessionOptions extends WaitOptions {
  readonly taskId: string;
  /** Default: FlowForge's developer id. Sanitised: it becomes a part of a path. */
  readonly developerId?: string | undefined;
  /** Default: FlowForge's instance id. */
  readonly instanceId?: string | undefined;
  /** Default: this process. */
  readonly process?: ProcessIdentity | undefined;
  readonly taskTitle?: string | undefined;
  readonly branch?: string | undefined;
  /** Start a timer of the developer on the task in the same commit. Default true. */
  readonly timer?: boolean | undefined;
}

/** Asks as whom a session is changed. */
export interface SessionCallOptions extends WaitOptions {
  /** Refuse to touch a session of another instance. */
  readonly instanceId?: string | undefined;
}

/** What a session's end came to. */
export interface SessionEnd {
  readonly session: ActiveSession;
  /** The timers that ended with it. */
  readonly timers: readonly Recovered[];
  readonly why: "process-gone" | "process-replaced" | "boot-changed" | "silent" | "agent-dead" | "closed";
}

/** What else ends with a session: its claims, its jobs. Runs inside the commit that ends it, or, where it throws, keeps it. */
export interface SessionEffect<M extends StoreMembers = StoreMembers> {
  readonly name: string;
  /** The documents and logs it changes, of the same store. */
  readonly members: M;
  run(end: Omit<SessionEnd, "timers">, drafts: Drafts<M>): void | Promise<void>;
}
