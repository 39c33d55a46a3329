import type { StoreLogSink } from "@flockwork/core";
import type { TimeEntry, Timer } from "../time/entry.ts";
import type { TimeRecord } from "./change.ts";
import type { TimeProblem, TimeView, Who } from "./time-view.ts";

interface OfActor {
  readonly entries: Map<string, TimeEntry>;
  /** No entry of the actor ever ended later. */
  latestEndMs: number;
}

/** What a journal comes to. Each operation costs what it changes, however long the journal is. */
export class JournalView implements TimeView, StoreLogSink<TimeRecord> {
  readonly #timers = new Map<string, Timer>();
  readonly #entries = new Map<string, TimeEntry>();
  readonly #actors = new Map<string, OfActor>();

  apply({ changes }: TimeRecord): void {
    for (const { kind, id, before, after } of changes) {
      if (kind === "timer") {
        if (after === null) this.#timers.delete(id);
        else this.#timers.set(id, after);
        continue;
      }
      if (before !== null) this.#actors.get(before.actorId)?.entries.delete(id);
      if (after === null) this.#entries.delete(id);
      else this.#enter(after);
    }
  }

  reset(): void {
    this.#timers.clear();
    this.#entries.clear();
    this.#actors.clear();
  }

  get timers(): readonly Timer[] {
    return [...this.#timers.values()];
  }

  endingAfter(atMs: number, matches: (who: Who) => boolean): readonly TimeEntry[] {
    const found: TimeEntry[] = [];
    for (const { entries, latestEndMs } of this.#actors.values()) {
      if (latestEndMs <= atMs) continue;
      for (const entry of entries.values()) if (entry.endedAtMs > atMs && matches(entry)) found.push(entry);
    }
    return found;
  }

  entry(id: string): TimeEntry | undefined {
    return this.#entries.get(id);
  }

  entries(): readonly TimeEntry[] {
    return [...this.#entries.values()];
  }

  problems(): readonly TimeProblem[] {
    return [];
  }

  #enter(entry: TimeEntry): void {
    this.#entries.set(entry.id, entry);
    let actor = this.#actors.get(entry.actorId);
    if (actor === undefined)
      this.#actors.set(entry.actorId, (actor = { entries: new Map(), latestEndMs: 0 }));
    actor.entries.set(entry.id, entry);
    actor.latestEndMs = Math.max(actor.latestEndMs, entry.endedAtMs);
  }
}
