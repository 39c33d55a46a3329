import type { QueueLimits } from "../limits.ts";
import { entryBefore, type Entry, type Timed } from "./entry.ts";
import { Heap } from "./heap.ts";
import type { RateWindow } from "./rate-window.ts";

/** Jobs that are claimed in one line: those of a group, or those of a shelf that have none. */
export class Lane {
  readonly group: string | undefined;
  /** Of a group: every job of it that may run, in the order they came, the claimed one in front. Else: those waiting. */
  readonly jobs: Heap<Entry>;
  paused = false;
  shelf: Shelf | undefined = undefined;
  shelfSeat = -1;

  constructor(group: string | undefined) {
    this.group = group;
    this.jobs = new Heap({
      before: group === undefined ? entryBefore : (one, other) => one.seq < other.seq,
      seatOf: (entry) => entry.laneSeat,
      sit: (entry, seat) => void (entry.laneSeat = seat),
    });
  }

  /** The job that may be claimed next. */
  get head(): Entry | undefined {
    const { first } = this.jobs;
    return this.paused || first?.state !== "waiting" ? undefined : first;
  }
}

/** The lanes whose next job has one limit key and one set of requirements. */
export class Shelf {
  readonly key: Key;
  readonly bucket: Bucket;
  readonly lanes: Heap<Lane> = new Heap<Lane>({
    before: (one, other) => entryBefore(one.jobs.first as Entry, other.jobs.first as Entry),
    seatOf: (lane) => lane.shelfSeat,
    sit: (lane, seat) => void (lane.shelfSeat = seat),
  });
  /** The lane of jobs without a group. */
  readonly plain: Lane = new Lane(undefined);
  bucketSeat = -1;

  constructor(key: Key, bucket: Bucket) {
    this.key = key;
    this.bucket = bucket;
  }

  get head(): Entry | undefined {
    return this.lanes.first?.jobs.first;
  }
}

/** The shelves that a claimer with certain capabilities may take from now. */
export class Bucket {
  readonly requires: readonly string[];
  readonly open: Heap<Shelf> = new Heap<Shelf>({
    before: (one, other) => entryBefore(one.head as Entry, other.head as Entry),
    seatOf: (shelf) => shelf.bucketSeat,
    sit: (shelf, seat) => void (shelf.bucketSeat = seat),
  });

  constructor(requires: readonly string[]) {
    this.requires = requires;
  }
}

/** What limits per key count. Jobs without a limit key share one that is never limited. */
export class Key implements Timed {
  readonly name: string | undefined;
  readonly shelves: Map<Bucket, Shelf> = new Map();
  claimed = 0;
  paused = false;
  window: RateWindow | undefined = undefined;
  dueMs = 0;
  timerSeat = -1;

  constructor(name: string | undefined) {
    this.name = name;
  }

  /** Why nothing of it may be claimed; undefined when something may. */
  closedBy(limits: QueueLimits, nowMs: number): "paused" | "limit" | "rate" | undefined {
    if (this.paused) return "paused";
    if (this.name === undefined) return undefined;
    if (limits.perKey !== undefined && this.claimed >= limits.perKey) return "limit";
    return this.window !== undefined && this.window.openMs > nowMs ? "rate" : undefined;
  }
}
