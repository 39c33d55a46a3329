import type { Heartbeat } from "./agent-entry.ts";
import type { Clock } from "@flockwork/core";

/** Remembers since when each heartbeat has been the last one: silence that no wall clock is needed for. */
export class Sightings {
  readonly #clock: Clock;
  #seen = new Map<string, { readonly at: string; readonly sinceMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds for which this has been the agent's last heartbeat, as far as was looked. */
  readonly see = (id: string, { at, monotonic }: Readonly<Heartbeat>): number => {
    const beat = `${at} ${monotonic?.ms ?? ""}`;
    const nowMs = this.#clock.monotonic();
    const seen = this.#seen.get(id);
    if (seen?.at === beat) return nowMs - seen.sinceMs;
    this.#seen.set(id, { at: beat, sinceMs: nowMs });
    return 0;
  };

  /** Forgets agents that are not there any more. */
  keepOnly(has: (id: string) => boolean): void {
    for (const id of this.#seen.keys()) if (!has(id)) this.#seen.delete(id);
  }
}
