import type { TimeEntry, Timer } from "../time/entry.ts";

/** A record that cannot be told the time of. It stays where it is, and counts for nothing. */
export interface TimeProblem {
  readonly taskId: string | undefined;
  /** Its place in the list of its task, or of the file. */
  readonly index: number;
  readonly why: string;
}

/** What the rules of timers look at. Values are frozen, or must be treated so. */
export interface TimeView {
  readonly timers: readonly Timer[];
  /** Entries that end after a moment, of those who match. */
  endingAfter(atMs: number, matches: (who: Who) => boolean): readonly TimeEntry[];
  entry(id: string): TimeEntry | undefined;
  /** All entries, in no particular order. */
  entries(): readonly TimeEntry[];
  problems(): readonly TimeProblem[];
}

/** Whose time it is. */
export interface Who {
  readonly actorId: string;
  readonly ownerId?: string | undefined;
}
