/** Monotonic milliseconds. Wall clocks decide nothing here. */
export function monotonicMs(): number {
  return performance.now();
}
