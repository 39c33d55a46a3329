import { monotonicMs } from "./clock.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, CompetitionEnd } from "./lock-primitive.ts";

export interface PollingPlan {
  readonly attempt: () => Attempt;
  /** Undoes a grant that nobody wants any more. */
  readonly giveBack: () => void;
  readonly startAfterMs: number;
  readonly maxPauseMs: number;
}

/** Waiting for what the kernel does not queue: one try after another, with growing pauses and jitter. */
export class PollingCompetition implements Competition {
  readonly mode: LockMode;
  contested = false;
  readonly #plan: PollingPlan;
  #cancelled = false;
  /** Granted, but the answer is still on its way. */
  #granted = false;
  #wake: (() => void) | undefined;

  constructor(mode: LockMode, plan: PollingPlan, ended: (end: CompetitionEnd) => void) {
    this.mode = mode;
    this.#plan = plan;
    this.#run().then(ended, (error: Error) => ended(error));
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
  }

  cancelSync(): boolean {
    this.cancel();
    if (this.#granted) this.#plan.giveBack();
    return true;
  }

  async #run(): Promise<Attempt> {
    const startedAt = monotonicMs();
    await this.#pause(this.#plan.startAfterMs);
    while (!this.#cancelled) {
      const outcome = this.#plan.attempt();
      this.#granted = outcome === "granted";
      if (outcome !== "busy") return outcome;
      this.contested = true;
      // Pause a tenth of the wait so far: quick at first, calm later; jitter keeps rivals out of step.
      const pauseMs = Math.min(Math.max((monotonicMs() - startedAt) / 10, 1), this.#plan.maxPauseMs);
      await this.#pause(pauseMs * (0.75 + Math.random() / 2));
    }
    return "busy";
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#cancelled) this.#wake();
    });
  }
}
