import { systemClock, type Clock } from "@flockwork/core";

/** The machine's clocks, so many milliseconds off: for one that is ahead every lease is over. */
export function clockOff(ms: number): Clock {
  return {
    now: () => systemClock.now() + ms,
    monotonic: () => systemClock.monotonic() + ms,
    get name() {
      return systemClock.name;
    },
  };
}

export const hourAhead: Clock = clockOff(3_600_000);
