import type { Clock } from "@flockwork/core";

/** Two clocks that only move when they are told to. */
export class FakeClock implements Clock {
  wallMs: number;
  monotonicMs: number;
  readonly name: string;

  constructor(name = "test", wallMs = Date.parse("2026-01-01T00:00:00Z"), monotonicMs = 1_000_000) {
    this.name = name;
    this.wallMs = wallMs;
    this.monotonicMs = monotonicMs;
  }

  now(): number {
    return this.wallMs;
  }

  monotonic(): number {
    return this.monotonicMs;
  }

  /** Time passes, on both clocks. */
  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }

  /** The wall clock is set, or the machine sleeps: the monotonic clock does not notice. */
  jump(ms: number): void {
    this.wallMs += ms;
  }
}
