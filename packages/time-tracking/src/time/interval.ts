/** Half-open stretches of time: from `startedAtMs` up to but not including `endedAtMs`, in milliseconds since 1970. */
export interface Interval {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Whether two stretches share a moment. What ends where the other begins shares none; an empty one shares none with anything. */
export function overlaps(one: Interval, other: Interval): boolean {
  return Math.max(one.startedAtMs, other.startedAtMs) < Math.min(one.endedAtMs, other.endedAtMs);
}

/** The part of a stretch that lies between two moments. */
export function within({ startedAtMs, endedAtMs }: Interval, bounds: Interval): Interval {
  return {
    startedAtMs: Math.max(startedAtMs, bounds.startedAtMs),
    endedAtMs: Math.min(endedAtMs, bounds.endedAtMs),
  };
}

/** Milliseconds that at least one of the stretches covers. */
export function unionMs(intervals: readonly Interval[]): number {
  let sorted = intervals;
  for (let at = 1; at < intervals.length; at += 1)
    if ((intervals[at]?.startedAtMs ?? 0) < (intervals[at - 1]?.startedAtMs ?? 0)) {
      sorted = intervals.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
      break;
    }
  let [sum, coveredMs] = [0, -Infinity];
  for (const { startedAtMs, endedAtMs } of sorted) {
    if (endedAtMs <= coveredMs) continue;
    sum += endedAtMs - Math.max(startedAtMs, coveredMs);
    coveredMs = Math.max(coveredMs, endedAtMs, startedAtMs);
  }
  return sum;
}

/** How many of the stretches cover one moment, at most. */
export function mostAtOnce(intervals: readonly Interval[]): number {
  let [now, most] = [0, 0];
  for (const { step } of edgesOf(intervals)) most = Math.max(most, (now += step));
  return most;
}

interface Edge {
  readonly atMs: number;
  readonly step: 1 | -1;
  readonly index: number;
}

/** Begins and ends in order of time; at one moment, ends first: intervals are half-open. */
function edgesOf(intervals: readonly Interval[]): Edge[] {
  return intervals
    .flatMap(({ startedAtMs, endedAtMs }, index): Edge[] =>
      startedAtMs < endedAtMs
        ? [
            { atMs: startedAtMs, step: 1, index },
            { atMs: endedAtMs, step: -1, index },
          ]
        : [],
    )
    .toSorted((one, other) => one.atMs - other.atMs || one.step - other.step);
}

/**
 * Shares the covered time among the stretches that cover it: where k run at once, each gets a k-th. The shares are whole
 * milliseconds and their sum is the union, exactly; what does not divide goes to those who come first.
 */
export function shareUnion(intervals: readonly Interval[]): number[] {
  const shares = intervals.map(() => 0);
  const open = new Set<number>();
  let fromMs = 0;
  for (const { atMs, step, index } of edgesOf(intervals)) {
    const count = open.size;
    if (count > 0 && atMs > fromMs) {
      const lengthMs = atMs - fromMs;
      const [each, rest] = [Math.floor(lengthMs / count), lengthMs % count];
      let at = 0;
      for (const member of [...open].toSorted((one, other) => one - other))
        shares[member] = (shares[member] ?? 0) + each + (at++ < rest ? 1 : 0);
    }
    fromMs = atMs;
    if (step === 1) open.add(index);
    else open.delete(index);
  }
  return shares;
}
