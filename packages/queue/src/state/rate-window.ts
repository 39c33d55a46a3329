import type { RateLimit } from "../limits.ts";

/** The latest claims of something that is limited: exactly as many as the limit. */
export class RateWindow {
  readonly #limit: RateLimit;
  readonly #timesMs: number[] = [];
  #next = 0;

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  push(atMs: number): void {
    this.#timesMs[this.#next] = atMs;
    this.#next = (this.#next + 1) % this.#limit.limit;
  }

  /** When all of it is over and can be forgotten, in milliseconds since 1970; 0 when there is nothing. */
  get lastMs(): number {
    const { length } = this.#timesMs;
    return length === 0 ? 0 : (this.#timesMs[(this.#next + length - 1) % length] ?? 0) + this.#limit.perMs;
  }

  /** When the next claim is within the limit, in milliseconds since 1970; 0 when it always is. */
  get openMs(): number {
    if (this.#timesMs.length < this.#limit.limit) return 0;
    return (this.#timesMs[this.#next] ?? 0) + this.#limit.perMs;
  }
}
