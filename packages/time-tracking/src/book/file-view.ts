import { localDayOf } from "../time/local-day.ts";
import type { TimeEntry, Timer } from "../time/entry.ts";
import { decodeEntry, decodeTimer } from "../variants/extras.ts";
import type { Json, Shape } from "../variants/shape.ts";
import type { TimeProblem, TimeView, Who } from "./time-view.ts";

/** What stands for what a file does not say. */
export interface TimeDefaults {
  readonly actorId: string;
  readonly timeZone: string;
}

/** Where an entry stands. */
export interface Place {
  readonly taskId: string | undefined;
  readonly index: number;
}

/** A file of some variant, read as entries and timers. The whole is worked out only when it is asked for. */
export class FileView implements TimeView {
  readonly shape: Shape;
  readonly timers: readonly Timer[];
  readonly #file: Json;
  readonly #defaults: TimeDefaults;
  #all: readonly TimeEntry[] | undefined;
  #places: Map<string, Place> | undefined;
  #problems: readonly TimeProblem[] = [];
  #late: { readonly afterMs: number; readonly entries: readonly TimeEntry[] } | undefined;

  constructor(file: Json, shape: Shape, defaults: TimeDefaults) {
    this.#file = file;
    this.shape = shape;
    this.#defaults = defaults;
    this.timers = shape.timers(file).flatMap(({ native, record }) => {
      const timer = decodeTimer(native, record);
      return typeof timer === "string" ? [] : [this.#timer(timer)];
    });
  }

  endingAfter(atMs: number, matches: (who: Who) => boolean): readonly TimeEntry[] {
    const isMeant = (entry: TimeEntry): boolean => entry.endedAtMs > atMs && matches(entry);
    return (this.#all ?? this.#lately(atMs)).filter(isMeant);
  }

  /** All entries that end after a moment, and perhaps more. Operations ask for one moment again and again: one look serves them. */
  #lately(atMs: number): readonly TimeEntry[] {
    const known = this.#late;
    if (known !== undefined && known.afterMs <= atMs) return known.entries;
    const entries: TimeEntry[] = [];
    const { shape } = this;
    shape.visit(this.#file, (record, taskId) => {
      if (typeof record !== "object" || record === null || !shape.mayEndAfter(record as Json, atMs)) return;
      const entry = this.#entry(record, taskId);
      if (typeof entry !== "string") entries.push(entry);
    });
    this.#late = { afterMs: atMs, entries };
    return entries;
  }

  entry(id: string): TimeEntry | undefined {
    return this.entries().find((entry) => entry.id === id);
  }

  entries(): readonly TimeEntry[] {
    if (this.#all !== undefined) return this.#all;
    const all: TimeEntry[] = [];
    const places = new Map<string, Place>();
    const problems: TimeProblem[] = [];
    this.shape.visit(this.#file, (record, taskId, index) => {
      const found = this.#entry(record, taskId);
      if (typeof found === "string") return void problems.push({ taskId, index, why: found });
      const entry = places.has(found.id) ? { ...found, id: freshId(found.id, places) } : found;
      places.set(entry.id, { taskId, index });
      all.push(entry);
    });
    this.#problems = problems;
    this.#places = places;
    return (this.#all = all);
  }

  problems(): readonly TimeProblem[] {
    this.entries();
    return this.#problems;
  }

  place(id: string): Place | undefined {
    this.entries();
    return this.#places?.get(id);
  }

  #entry(record: unknown, taskId: string | undefined): TimeEntry | string {
    const found = decodeEntry(this.shape, record, taskId);
    if (typeof found === "string") return found;
    const { statedMs: _, ...said } = found;
    const timeZone = said.timeZone ?? this.#defaults.timeZone;
    const entry = said as unknown as Record<string, unknown>;
    for (const key in entry) if (entry[key] === undefined) delete entry[key];
    entry["id"] ??= `${said.taskId}@${said.startedAtMs}`;
    entry["actorId"] ??= this.#defaults.actorId;
    entry["timeZone"] = timeZone;
    entry["localDay"] ??= localDayOf(said.startedAtMs, timeZone);
    entry["billable"] ??= true;
    return entry as unknown as TimeEntry;
  }

  #timer(said: ReturnType<typeof decodeTimer> & object): Timer {
    const { taskId, startedAtMs } = said;
    const fields = Object.entries(said).filter(([, value]) => value !== undefined);
    return {
      id: `${taskId}@${startedAtMs}`,
      actorId: this.#defaults.actorId,
      timeZone: this.#defaults.timeZone,
      billable: true,
      heartbeatAtMs: startedAtMs,
      ...Object.fromEntries(fields),
    } as Timer;
  }
}

function freshId(id: string, taken: ReadonlyMap<string, unknown>): string {
  let count = 2;
  while (taken.has(`${id}~${count}`)) count += 1;
  return `${id}~${count}`;
}
