import type { DeathReason, JobFailure } from "../event.ts";
import { defaultMaxAttempts, type JobLine } from "../job-line.ts";
import type { Lane } from "./lane.ts";

/**
 * Where a job is in its life. `blocked`: others must end first; `delayed`: its time has not come; `waiting`: to be claimed;
 * `claimed`: in a worker's hands. Over: `completed`, `dead` (given up), `cancelled`, `replaced` (by a later one of its key).
 */
export type JobState =
  | "blocked"
  | "delayed"
  | "waiting"
  | "claimed"
  | "completed"
  | "dead"
  | "cancelled"
  | "replaced";

/** Something whose time comes: a delayed job, or a limit key that is over its rate. */
export interface Timed {
  /** Milliseconds since 1970. */
  dueMs: number;
  timerSeat: number;
}

/** A job in memory: its line, and what the events have made of it. */
export class Entry implements Timed {
  readonly line: JobLine;
  readonly id: string;
  /** Order of arrival. */
  readonly seq: number;
  readonly priority: number;
  /** When it became due, or was enqueued: never earlier than what came before it. */
  readonly orderMs: number;
  state: JobState = "waiting";
  /** Claims that count. */
  attempts = 0;
  crashes = 0;
  failures = 0;
  /** Token of the latest claim. */
  token: string | undefined = undefined;
  holder: string | undefined = undefined;
  leaseMs = 0;
  /** When the lease ends: on the holder's monotonic clock if that is ours, else in milliseconds since 1970. */
  leaseEndsMs = 0;
  /** Whether `leaseEndsMs` is on our monotonic clock. */
  leaseIsLocal = false;
  claimedAt: string | undefined = undefined;
  firstClaimedAt: string | undefined = undefined;
  endedAt: string | undefined = undefined;
  failure: JobFailure | undefined = undefined;
  death: DeathReason | undefined = undefined;
  /** Why it was cancelled. */
  reason: string | undefined = undefined;
  progress: unknown = undefined;
  result: unknown = undefined;
  replacedBy: Entry | undefined = undefined;
  /** How many of the jobs it depends on keep it from running. */
  waitsOn = 0;
  /** Jobs that depend on it, ended ones included: it may be redriven. */
  dependents: Entry[] | undefined = undefined;
  lane: Lane | undefined = undefined;
  dueMs = 0;
  timerSeat = -1;
  laneSeat = -1;
  leaseSeat = -1;

  constructor(line: JobLine, seq: number, orderMs: number) {
    this.line = line;
    this.id = line.id;
    this.seq = seq;
    this.priority = line.priority ?? 0;
    this.orderMs = orderMs;
  }

  get maxAttempts(): number {
    return this.line.maxAttempts ?? defaultMaxAttempts;
  }

  /** Whether it may still run. */
  get isLive(): boolean {
    const { state } = this;
    return state === "waiting" || state === "claimed" || state === "delayed" || state === "blocked";
  }
}

/** The order in which jobs are claimed: priority, time, arrival. */
export function entryBefore(one: Entry, other: Entry): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  if (one.orderMs !== other.orderMs) return one.orderMs < other.orderMs;
  return one.seq < other.seq;
}
