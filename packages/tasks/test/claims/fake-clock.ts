import type { Clock } from "@flockwork/core";

/** A clock that a test moves. */
export class FakeClock implements Clock {
  readonly name = "of a test";
  #wallMs = Date.parse("2026-01-02T03:04:05.000Z");
  #monotonicMs = 1_000;

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  pass(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }
}
