import { EntryLockedError, OverlapError, TimeNotFoundError } from "../errors.ts";
import type { TimeChange, TimeRecord } from "../book/change.ts";
import type { TimeProblem, TimeView, Who } from "../book/time-view.ts";
import { defined, type TimeEntry, type Timer } from "../time/entry.ts";
import { mostAtOnce, overlaps, within, type Interval } from "../time/interval.ts";
import type { Lockable, TimerRules } from "./rules.ts";

/**
 * The book while operations are applied to it, one after the other, under its lock. What one of them changes, the next one
 * sees; one that throws leaves no trace. Nothing overlaps what it must not: every way in is checked here.
 */
export class Board {
  readonly rules: TimerRules;
  readonly #view: TimeView;
  #timers: ReadonlyMap<string, Timer>;
  /** Entries that differ from the view; null for those that are gone. */
  #entries: ReadonlyMap<string, TimeEntry | null> = new Map();
  #changes: readonly TimeChange[] = [];

  constructor(view: TimeView, rules: TimerRules) {
    this.#view = view;
    this.rules = rules;
    this.#timers = new Map(view.timers.map((timer) => [timer.id, timer]));
  }

  /** Runs one operation. What it throws undoes what it did. */
  attempt<R>(
    what: string,
    actorId: string | undefined,
    operation: () => R,
    undid?: string,
  ): { readonly value: R; readonly record: TimeRecord } {
    const { value, finish } = this.begin(what, actorId, operation, undid);
    return { value, record: finish() };
  }

  /** As `attempt`, for an operation that may go on after it returned: `finish` tells what it did. */
  begin<R>(
    what: string,
    actorId: string | undefined,
    operation: () => R,
    undid?: string,
  ): { readonly value: R; readonly finish: () => TimeRecord } {
    const before = [this.#timers, this.#entries] as const;
    this.#changes = [];
    const op = this.rules.newId();
    try {
      const value = operation();
      const finish = (): TimeRecord =>
        defined({ op, what, atMs: this.rules.now.wallMs, actorId, undid, changes: this.#changes });
      return { value, finish };
    } catch (error) {
      [this.#timers, this.#entries] = before;
      throw error;
    }
  }

  get timers(): readonly Timer[] {
    return [...this.#timers.values()];
  }

  timer(id: string): Timer | undefined {
    return this.#timers.get(id);
  }

  running(actorId: string): Timer | undefined {
    return this.timers.find((timer) => timer.actorId === actorId && timer.state === "running");
  }

  /** The paused timers of an actor, the one that was paused last at the end. */
  paused(actorId: string): readonly Timer[] {
    return this.timers
      .filter((timer) => timer.actorId === actorId && timer.state === "paused")
      .toSorted((one, other) => (one.pausedAtMs ?? 0) - (other.pausedAtMs ?? 0));
  }

  entry(id: string): TimeEntry | undefined {
    const changed = this.#entries.get(id);
    return changed === undefined ? this.#view.entry(id) : (changed ?? undefined);
  }

  /** @throws {TimeNotFoundError} */
  require(attempt: string, id: string): TimeEntry {
    const entry = this.entry(id);
    if (entry === undefined) throw new TimeNotFoundError(attempt, id);
    return entry;
  }

  entries(): readonly TimeEntry[] {
    const others = this.#view.entries().filter(({ id }) => !this.#entries.has(id));
    return [...others, ...this.#changed()];
  }

  endingAfter(atMs: number, matches: (who: Who) => boolean): readonly TimeEntry[] {
    const found = this.#view.endingAfter(atMs, matches).filter(({ id }) => !this.#entries.has(id));
    return [...found, ...this.#changed().filter((entry) => entry.endedAtMs > atMs && matches(entry))];
  }

  problems(): readonly TimeProblem[] {
    return this.#view.problems();
  }

  putTimer(timer: Timer): void {
    const before = this.#timers.get(timer.id) ?? null;
    this.#timers = new Map(this.#timers).set(timer.id, timer);
    this.#note({ kind: "timer", id: timer.id, before, after: timer });
  }

  removeTimer(timer: Timer): void {
    const timers = new Map(this.#timers);
    timers.delete(timer.id);
    this.#timers = timers;
    this.#note({ kind: "timer", id: timer.id, before: timer, after: null });
  }

  /** Adds or replaces an entry whose time was checked. @throws {EntryLockedError} its period is sealed, or it is invoiced. */
  putEntry(attempt: string, entry: TimeEntry): TimeEntry {
    const before = this.entry(entry.id) ?? null;
    if (before !== null) this.checkOpen(attempt, before);
    this.checkOpen(attempt, entry);
    this.setEntry(before, entry);
    return entry;
  }

  removeEntry(attempt: string, entry: TimeEntry): void {
    this.checkOpen(attempt, entry);
    this.setEntry(entry, null);
  }

  /** Without any check: invoices mark what is locked. */
  setEntry(before: TimeEntry | null, after: TimeEntry | null): void {
    const id = (after ?? before)?.id ?? "";
    this.#entries = new Map(this.#entries).set(id, after);
    this.#note({ kind: "entry", id, before, after });
  }

  checkOpen(attempt: string, entry: Lockable): void {
    const why = this.rules.whyLocked(entry);
    if (why !== undefined) throw new EntryLockedError(attempt, why);
  }

  /**
   * Checks that a stretch is free for an actor, and that no more of its owner's agents have time at once than may.
   * A timer that runs takes all time from its start on.
   * @throws {OverlapError} it is not.
   */
  checkFree(attempt: string, who: Who, stretch: Interval, except: readonly string[] = []): void {
    const isOther = ({ id }: { readonly id: string }): boolean => !except.includes(id);
    const stretches = this.#stretches(who, stretch.startedAtMs).filter(isOther);
    const clash = stretches.filter((each) => each.actorId === who.actorId && overlaps(each, stretch));
    if (clash.length > 0)
      throw new OverlapError(
        attempt,
        clash.map(({ id }) => id),
        `${who.actorId} has other time then: ${namesOf(clash)}`,
      );
    const { maxPerOwner } = this.rules;
    const others = stretches.filter((each) => each.actorId !== who.actorId && overlaps(each, stretch));
    if (mostAtOnce(others.map((each) => within(each, stretch))) < maxPerOwner) return;
    throw new OverlapError(
      attempt,
      others.map(({ id }) => id),
      `${ownerOf(who)} may have time of ${maxPerOwner} at once, and has ${namesOf(others)}`,
    );
  }

  /** Entries and running timers of an actor, and with a policy of its owner's agents, that end after a moment. */
  #stretches(who: Who, afterMs: number): (Interval & Who & { readonly id: string })[] {
    const owner = ownerOf(who);
    const isBounded = this.rules.maxPerOwner !== Infinity;
    const matches = (other: Who): boolean =>
      other.actorId === who.actorId || (isBounded && ownerOf(other) === owner);
    const running = this.timers.filter((timer) => timer.state === "running" && matches(timer));
    return [
      ...this.endingAfter(afterMs, matches),
      ...running.map((timer) => ({ ...timer, endedAtMs: Infinity })),
    ];
  }

  #changed(): TimeEntry[] {
    return [...this.#entries.values()].filter((entry) => entry !== null);
  }

  #note(change: TimeChange): void {
    this.#changes = [...this.#changes, change];
  }
}

/** The human behind an actor: themselves, where none is named. */
export function ownerOf({ ownerId, actorId }: Who): string {
  return ownerId ?? actorId;
}

function namesOf(stretches: readonly { readonly id: string }[]): string {
  const names = stretches.slice(0, 3).map(({ id }) => id);
  return names.join(", ") + (stretches.length > 3 ? ` and ${stretches.length - 3} more` : "");
}
