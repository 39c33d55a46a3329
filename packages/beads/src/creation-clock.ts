/** Tells the time to changes, and lets two creations of one millisecond differ. */
export class CreationClock {
  readonly #now: () => number;
  #made = 0n;

  constructor(now: (() => number) | undefined) {
    if (now !== undefined && typeof now !== "function")
      throw new TypeError(`now must be a function, got ${typeof now}`);
    this.#now = now ?? Date.now;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now();
  }

  /** What the id of a new issue is made from: another nanosecond for each. */
  tick(): { readonly nowMs: number; readonly nextNs: () => bigint } {
    return { nowMs: this.#now(), nextNs: () => (this.#made = (this.#made + 1n) % 1_000_000n) };
  }
}
