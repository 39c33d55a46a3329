import type { MonotonicTime, ProcessIdentity } from "@flockwork/core";
import type { Money } from "../money/money.ts";

/** How closely a human was with the work of an agent. */
export type Supervision = "hands-on" | "supervised" | "autonomous";

/** What timers and entries say of the work. */
export interface Work {
  readonly taskId: string;
  /** The person or agent whose time it is. Entries of one actor never overlap. */
  readonly actorId: string;
  /** The human behind an agent: policy may bound how many of their agents count at once. */
  readonly ownerId?: string | undefined;
  /** Which program of the actor's: a terminal, a worktree, a container. */
  readonly instanceId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly clientId?: string | undefined;
  /** IANA name of the zone the actor was in. */
  readonly timeZone: string;
  readonly billable: boolean;
  readonly nonBillableReason?: string | undefined;
  readonly supervision?: Supervision | undefined;
  readonly note?: string | undefined;
}

/** Work that was done, from `startedAtMs` up to but not including `endedAtMs`. */
export interface TimeEntry extends Work {
  readonly id: string;
  /** Milliseconds since 1970, UTC. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What counts, in milliseconds: the whole interval, unless the file says that less of it was work. */
  readonly workedMs: number;
  /** The day on which it began, in its own zone: `YYYY-MM-DD`. */
  readonly localDay: string;
  /** Why it ended: `Break`, `Lunch`. */
  readonly reason?: string | undefined;
  /** `recovered`: its end was inferred after a crash, and awaits `confirm`. */
  readonly state?: "recovered" | undefined;
  /** Made by a timer, by hand, or as the idle part of a timer. */
  readonly source?: "timer" | "manual" | "idle" | undefined;
  /** What an hour of it costs, frozen when it ended. */
  readonly rate?: Money | undefined;
  /** The invoice it stands on. */
  readonly invoiceId?: string | undefined;
}

/** Work that goes on, or that is paused. */
export interface Timer extends Work {
  readonly id: string;
  readonly state: "running" | "paused";
  /** When the stretch that runs began; of a paused one, when its last stretch began. */
  readonly startedAtMs: number;
  readonly pausedAtMs?: number | undefined;
  readonly reason?: string | undefined;
  /** Last sign of life that stands in the file; heartbeats have a file of their own. */
  readonly heartbeatAtMs: number;
  /** The start, on the machine's monotonic clock. */
  readonly monotonic?: MonotonicTime | undefined;
  /** The process it ends with. */
  readonly process?: ProcessIdentity | undefined;
  /** It ends when no heartbeat comes for that long. */
  readonly leaseMs?: number | undefined;
}

/** What a timer and the entries made of it have in common. */
export function workOf(work: Work): Work {
  const { taskId, actorId, ownerId, instanceId, sessionId, projectId, clientId } = work;
  const { timeZone, billable, nonBillableReason, supervision, note } = work;
  return defined({
    taskId,
    actorId,
    ownerId,
    instanceId,
    sessionId,
    projectId,
    clientId,
    timeZone,
    billable,
    nonBillableReason,
    supervision,
    note,
  });
}

/** Without the fields that are undefined: they cannot be stored. */
export function defined<T extends object>(value: T): T {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields) as T;
}
