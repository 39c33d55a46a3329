/** How many files there are to lock: few, so that the sets meet. */
export const counters = 8;

export function nameOf(at: number): string {
  return `counter-${at}.json`;
}

/** A wait for a lock that lasts longer is one that would never end: everybody holds locks for less than a millisecond. */
export const deadlockMs = 30_000;
