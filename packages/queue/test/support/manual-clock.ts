import type { Clock } from "@flockwork/core";

/** Time that passes when the test says so. Queues that share one share its monotonic clock. */
export class ManualClock implements Clock {
  readonly name = "manual";
  #wallMs = Date.parse("2026-05-01T12:00:00Z");
  #upMs = 1_000;

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#upMs;
  }

  pass(ms: number): void {
    this.#wallMs += ms;
    this.#upMs += ms;
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }
}
