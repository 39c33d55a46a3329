import type { JumpingClock } from "./subject.ts";

/** A clock that stands still until it is told. */
export function jumpingClock(): JumpingClock {
  let wallMs = Date.parse("2026-01-01T00:00:00Z");
  let monotonicMs = 1_000_000;
  return {
    clock: { now: () => wallMs, monotonic: () => monotonicMs, name: "a clock that jumps" },
    pass(ms) {
      wallMs += ms;
      monotonicMs += ms;
    },
    jump(ms) {
      wallMs += ms;
    },
  };
}
