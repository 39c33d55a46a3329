import { monotonicMs } from "./clock.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition } from "./lock-primitive.ts";

/** Waiting for what the kernel does not queue: one try after another, with growing pauses and jitter. */
export class PollingCompetition implements Competition {
  readonly mode: LockMode;
  readonly outcome: Promise<Attempt>;
  contested = false;
  readonly #attempt: () => Attempt;
  #cancelled = false;
  #wake: (() => void) | undefined;

  constructor(
    mode: LockMode,
    attempt: () => Attempt,
    options: { readonly startAfterMs: number; readonly maxPauseMs: number },
  ) {
    this.mode = mode;
    this.#attempt = attempt;
    this.outcome = this.#run(options.startAfterMs, options.maxPauseMs);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake?.();
  }

  cancelSync(): boolean {
    this.cancel();
    return true;
  }

  async #run(startAfterMs: number, maxPauseMs: number): Promise<Attempt> {
    const startedAt = monotonicMs();
    await this.#pause(startAfterMs);
    while (!this.#cancelled) {
      const outcome = this.#attempt();
      if (outcome !== "busy") return outcome;
      this.contested = true;
      // Pause a tenth of the wait so far: quick at first, calm later; jitter keeps rivals out of step.
      const pauseMs = Math.min(Math.max((monotonicMs() - startedAt) / 10, 1), maxPauseMs);
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
