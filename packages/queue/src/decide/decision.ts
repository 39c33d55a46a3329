import type { QueueEvent } from "../event.ts";
import type { JobLine } from "../job-line.ts";
import { applyEvent } from "../state/apply-event.ts";
import type { QueueState } from "../state/queue-state.ts";

/** When a decision is made. */
export interface DecisionTime {
  readonly wallMs: number;
  /** The same instant, ISO 8601. */
  readonly at: string;
  /** On our monotonic clock. */
  readonly upMs: number;
}

/**
 * One hold of the lock: the state as the files have it, and what is about to be added to one of them. What a decision adds,
 * the next one sees. A decision throws before it adds anything, or not at all.
 */
export class Decisions {
  readonly state: QueueState;
  readonly time: DecisionTime;
  readonly #append: (...records: readonly (JobLine | QueueEvent)[]) => void;

  /** @param options.append - Throws when a record may not be stored; then it has no effect. */
  constructor(
    state: QueueState,
    options: {
      readonly time: DecisionTime;
      readonly append: (...records: readonly (JobLine | QueueEvent)[]) => void;
    },
  ) {
    this.state = state;
    this.time = options.time;
    this.#append = options.append;
  }

  addJobs(lines: readonly JobLine[]): void {
    this.#append(...lines);
    for (const line of lines) this.state.addJob(line);
  }

  addEvent(event: QueueEvent): void {
    this.#append(event);
    applyEvent(this.state, event);
  }
}

/** What somebody wants done under the lock. */
export type Decide<R> = (decisions: Decisions) => R;
