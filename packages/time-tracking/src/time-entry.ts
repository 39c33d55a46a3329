/** A stretch of work, from `startedAtMs` up to but not including `endedAtMs`. */
export interface TimeEntry {
  readonly id: string;
  readonly taskId: string;
  /** The person or agent whose time it is. Entries of one actor never overlap. */
  readonly actorId: string;
  readonly instanceId: string;
  /** Milliseconds since 1970, UTC. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** IANA name of the zone the actor was in, so that local days can be told. */
  readonly timeZone: string;
  readonly reason?: string | undefined;
  readonly billable: boolean;
  /** The end was inferred from the last heartbeat after a crash and awaits confirmation. */
  readonly recovered?: boolean | undefined;
}

/** A timer that runs. */
export interface RunningTimer {
  readonly taskId: string;
  readonly actorId: string;
  readonly instanceId: string;
  readonly startedAtMs: number;
  readonly lastHeartbeatAtMs: number;
}

/** Where a task's time stands. */
export type TimerStatus = "active" | "paused" | "closed";

/** An amount of money in the smallest unit of its currency. Never a fraction. */
export interface Money {
  readonly minorUnits: bigint;
  /** ISO 4217. */
  readonly currency: string;
}

/** How durations are rounded, once, when an invoice is made. */
export interface Rounding {
  readonly direction: "none" | "up" | "down" | "nearest";
  readonly incrementMinutes: number;
  readonly minimumMinutes?: number | undefined;
}
