import type { Clock } from "../../../src/lease/clock.ts";

/** A machine whose time the test moves. Its wall clock may jump; its monotonic clock only goes on. */
export class FakeMachine {
  monotonicMs = 5_000_000;
  wallMs: number = Date.UTC(2030, 0, 1);

  /** Time passes. */
  pass(ms: number): void {
    this.monotonicMs += ms;
    this.wallMs += ms;
  }

  /** The wall clock is set. */
  jump(ms: number): void {
    this.wallMs += ms;
  }

  /** What a process of this machine reads. Without a name, no other process can compare its monotonic clock. */
  clock(name?: string, skewMs = 0, bootedMs = 0): Clock {
    return {
      now: () => this.wallMs + skewMs,
      monotonic: () => this.monotonicMs + bootedMs,
      ...(name === undefined ? {} : { name }),
    };
  }
}

export const yearMs: number = 365 * 24 * 60 * 60 * 1_000;
