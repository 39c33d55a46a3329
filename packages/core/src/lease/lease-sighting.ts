import type { Clock } from "./clock.ts";
import type { LeaseRecord } from "./lease-record.ts";

/** Remembers for how long a lease has looked the same, by the monotonic clock: proof that nobody has renewed it. */
export class LeaseSighting {
  readonly #clock: Clock;
  #seen: string | undefined;
  #sinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at the record as it is now. Returns the milliseconds for which it has been so. */
  see(record: LeaseRecord): number {
    const seen = JSON.stringify(record);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#sinceMs = this.#clock.monotonic();
    }
    return this.#clock.monotonic() - this.#sinceMs;
  }
}
