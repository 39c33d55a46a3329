import {
  instantOf,
  type Clock,
  type Instant,
  type MonotonicTime,
  type Store,
  type StoreDocument,
} from "@flockwork/core";
import { isInstantMs, isMonotonic, isObject } from "../arguments.ts";
import type { Timer } from "../time/entry.ts";

/** Signs of life of timers, by timer. They have a file of their own: a year of time is not rewritten for a heartbeat. */
export interface HeartbeatFile {
  version: 1;
  timers: Record<string, Heartbeat>;
}

/** One sign of life. */
export interface Heartbeat {
  readonly atMs: number;
  readonly monotonic?: MonotonicTime | undefined;
}

/** The heartbeats beside a book. */
export class Heartbeats {
  readonly document: StoreDocument<HeartbeatFile>;
  readonly #clock: Clock;

  constructor(store: Store, name: string, clock: Clock) {
    this.#clock = clock;
    this.document = store.document<HeartbeatFile>({
      name,
      defaults: () => ({ version: 1, timers: {} }),
      durability: "os",
    });
  }

  /** Notes that a timer lives, and forgets the timers that are gone. Those of one process that come together share a write. */
  async beat(id: string, timers: readonly Timer[]): Promise<void> {
    const { wallMs, monotonic } = instantOf(this.#clock);
    const known = new Set(timers.map((timer) => timer.id));
    const sign = monotonic === undefined ? { atMs: wallMs } : { atMs: wallMs, monotonic };
    await this.document.update((draft) => {
      // Nobody's sign of life is in what is no object.
      if (!isObject(draft)) return { version: 1 as const, timers: { [id]: sign } };
      if (!isObject(draft.timers)) draft.timers = {};
      for (const other of Object.keys(draft.timers)) if (!known.has(other)) delete draft.timers[other];
      draft.timers[id] = sign;
      return undefined;
    });
  }

  /** By timer. What somebody made of one that is none is no sign of life. */
  async all(): Promise<Readonly<Record<string, Heartbeat>>> {
    const file: unknown = await this.document.read();
    const timers = isObject(file) ? file["timers"] : undefined;
    const entries = Object.entries<unknown>(isObject(timers) ? timers : {});
    return Object.fromEntries(entries.filter((entry): entry is [string, Heartbeat] => isHeartbeat(entry[1])));
  }
}

function isHeartbeat(value: unknown): value is Heartbeat {
  if (!isObject(value) || !isInstantMs(value["atMs"])) return false;
  return value["monotonic"] === undefined || isMonotonic(value["monotonic"]);
}

/** The last sign of life of a timer: where its time ends if it is dead. Never before its start, never after now. */
export function lastSignOf(timer: Timer, heartbeat: Heartbeat | undefined, now: Instant): number {
  let atMs = Math.max(timer.heartbeatAtMs, heartbeat?.atMs ?? 0);
  const { monotonic } = timer;
  if (monotonic !== undefined && heartbeat?.monotonic?.clock === monotonic.clock) {
    // Both on one clock that does not jump: the distance between them is true, whatever the wall clock said.
    const elapsedMs = Math.round(heartbeat.monotonic.ms - monotonic.ms);
    atMs = timer.startedAtMs + Math.max(0, elapsedMs);
  }
  return Math.max(timer.startedAtMs, Math.min(atMs, Math.max(now.wallMs, timer.startedAtMs)));
}

/** For how long nothing was heard of a timer. */
export function silentMs(timer: Timer, heartbeat: Heartbeat | undefined, now: Instant): number {
  const monotonic = heartbeat?.monotonic ?? timer.monotonic;
  if (monotonic !== undefined && monotonic.clock === now.monotonic?.clock)
    return now.monotonic.ms - monotonic.ms;
  return now.wallMs - Math.max(timer.heartbeatAtMs, heartbeat?.atMs ?? 0);
}
