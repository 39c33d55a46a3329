import type { QueueEvent } from "../event.ts";
import type { JobLine } from "../job-line.ts";
import { ownCopy } from "../own-copy.ts";
import { applyEvent } from "../state/apply-event.ts";
import type { QueueState } from "../state/queue-state.ts";
import { reap, sweep } from "./sweep.ts";

/** When a decision is made. */
export interface DecisionTime {
  readonly wallMs: number;
  /** The same instant, ISO 8601. */
  readonly at: string;
  /** On our monotonic clock. */
  readonly upMs: number;
}

/** Where decisions are written. Both throw when something may not be stored; then it has no effect. */
export interface DecisionLog {
  addJobs(lines: readonly JobLine[]): void;
  addEvent(event: QueueEvent): void;
}

/**
 * One hold of the lock: the state as the files have it, and what is about to be added to one of them. What a decision adds,
 * the next one sees. A decision throws before it adds anything, or not at all.
 */
export class Decisions {
  readonly state: QueueState;
  readonly time: DecisionTime;
  readonly #log: DecisionLog;
  #isTidy = false;

  constructor(state: QueueState, time: DecisionTime, log: DecisionLog) {
    this.state = state;
    this.time = time;
    this.#log = log;
  }

  /** Does once per hold what is due whoever comes: before something is claimed, and at the end. */
  tidy(): void {
    if (this.#isTidy) return;
    this.#isTidy = true;
    sweep(this);
    reap(this);
  }

  addJobs(lines: readonly JobLine[]): void {
    this.#log.addJobs(lines);
    for (const line of lines) this.state.addJob(ownCopy(line));
  }

  addEvent(event: QueueEvent): void {
    this.#log.addEvent(event);
    applyEvent(this.state, "result" in event || "progress" in event ? ownCopy(event) : event);
  }
}

/** What somebody wants done under the lock. */
export type Decide<R> = (decisions: Decisions) => R;
