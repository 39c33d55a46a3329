/**
 * Which job is next. Jobs stand in lanes, lanes on shelves, shelves in buckets, each a heap ordered by the job in front; a lane
 * that may not be claimed from now is on no shelf, a shelf whose limit key is closed in no bucket. So a claim looks at one job
 * per set of requirements, whatever waits behind limits, groups and pauses.
 */
import type { QueueLimits } from "../limits.ts";
import { entryBefore, type Entry, type Timed } from "./entry.ts";
import type { Heap } from "./heap.ts";
import { Bucket, Key, Lane, Shelf } from "./lane.ts";
import { RateWindow } from "./rate-window.ts";

export class ReadyJobs {
  readonly #buckets = new Map<string, Bucket>();
  readonly #keys = new Map<string, Key>();
  readonly #groups = new Map<string, Lane>();
  readonly #noKey = new Key(undefined);
  readonly #timers: Heap<Timed>;
  #limits: QueueLimits = {};
  #nowMs = 0;

  constructor(timers: Heap<Timed>) {
    this.#timers = timers;
  }

  /** Lets time pass, as far as rates are concerned. */
  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** The next job for somebody with these capabilities. */
  best(capabilities: ReadonlySet<string>): Entry | undefined {
    let best: Entry | undefined;
    for (const { open, requires } of this.#buckets.values()) {
      const head = open.first?.head;
      if (head === undefined || !requires.every((each) => capabilities.has(each))) continue;
      if (best === undefined || entryBefore(head, best)) best = head;
    }
    return best;
  }

  /** Since when the job that goes first among all has been waiting, in milliseconds since 1970. */
  oldestMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const { open } of this.#buckets.values()) {
      const head = open.first?.head;
      if (head !== undefined) oldestMs = Math.min(oldestMs ?? Infinity, head.orderMs);
    }
    return oldestMs;
  }

  /** A job may run, now or (of a group) in its turn: it stands in its lane from here on. */
  add(entry: Entry): void {
    const { group } = entry.line;
    const lane = group === undefined ? this.#shelfOf(entry).plain : this.#laneOf(group);
    entry.lane = lane;
    lane.jobs.put(entry);
    this.#settle(lane);
  }

  /** A job may not run any more, or not now. */
  remove(entry: Entry): void {
    const { lane } = entry;
    if (lane === undefined) return;
    entry.lane = undefined;
    lane.jobs.remove(entry);
    this.#settle(lane);
  }

  /** The state of a job that stays in its lane has changed. */
  changed(entry: Entry): void {
    if (entry.lane !== undefined) this.#settle(entry.lane);
  }

  claimed(entry: Entry, atMs: number): void {
    if (entry.line.group === undefined) this.remove(entry);
    else this.changed(entry);
    if (entry.line.limitKey === undefined) return;
    const key = this.#keyOf(entry.line.limitKey);
    key.claimed += 1;
    key.window?.push(atMs);
    this.#gate(key);
  }

  /** A claim is over. What becomes of the job is told by `add`, `remove` or `changed`. */
  unclaimed(entry: Entry): void {
    if (entry.line.limitKey === undefined) return;
    const key = this.#keyOf(entry.line.limitKey);
    key.claimed -= 1;
    this.#gate(key);
  }

  setLimits(limits: QueueLimits): void {
    const { ratePerKey } = limits;
    const rate = JSON.stringify(ratePerKey) === JSON.stringify(this.#limits.ratePerKey) ? "kept" : "new";
    this.#limits = limits;
    for (const key of this.#keys.values()) {
      if (rate === "new") key.window = ratePerKey === undefined ? undefined : new RateWindow(ratePerKey);
      this.#gate(key);
    }
  }

  pauseKey(name: string, paused: boolean): void {
    const key = this.#keyOf(name);
    key.paused = paused;
    this.#gate(key);
  }

  pauseGroup(name: string, paused: boolean): void {
    const lane = this.#laneOf(name);
    lane.paused = paused;
    this.#settle(lane);
  }

  /** A key's time has come. */
  due(key: Key): void {
    this.#gate(key);
  }

  keyNamed(name: string): Key | undefined {
    return this.#keys.get(name);
  }

  groupNamed(name: string): Lane | undefined {
    return this.#groups.get(name);
  }

  #settle(lane: Lane): void {
    const { head } = lane;
    const shelf = head === undefined ? undefined : this.#shelfOf(head);
    const before = lane.shelf;
    lane.shelf = shelf;
    if (before !== undefined && before !== shelf) {
      before.lanes.remove(lane);
      this.#place(before);
    }
    if (shelf !== undefined) {
      shelf.lanes.put(lane);
      this.#place(shelf);
    }
    if (lane.group !== undefined && lane.jobs.size === 0 && !lane.paused) this.#groups.delete(lane.group);
  }

  #place(shelf: Shelf): void {
    const { bucket, key, lanes } = shelf;
    if (lanes.size > 0 && key.closedBy(this.#limits, this.#nowMs) === undefined)
      return bucket.open.put(shelf);
    bucket.open.remove(shelf);
    if (lanes.size > 0) return;
    key.shelves.delete(bucket);
    this.#forget(key);
  }

  /** Opens or closes a key, after something that decides it has changed. */
  #gate(key: Key): void {
    for (const shelf of key.shelves.values()) this.#place(shelf);
    const { openMs = 0, lastMs = 0 } = key.window ?? {};
    if (lastMs > this.#nowMs) {
      key.dueMs = openMs > this.#nowMs ? openMs : lastMs;
      this.#timers.put(key);
    } else this.#forget(key);
  }

  /** Keys come and go with their jobs: what has nothing to remember is dropped. */
  #forget(key: Key): void {
    const { name, shelves, claimed, paused, window } = key;
    const idle = shelves.size === 0 && claimed === 0 && !paused && (window?.lastMs ?? 0) <= this.#nowMs;
    if (name !== undefined && idle) this.#keys.delete(name);
  }

  #shelfOf({ line }: Entry): Shelf {
    const key = line.limitKey === undefined ? this.#noKey : this.#keyOf(line.limitKey);
    const bucket = this.#bucketOf(line.requires ?? []);
    let shelf = key.shelves.get(bucket);
    if (shelf === undefined) key.shelves.set(bucket, (shelf = new Shelf(key, bucket)));
    return shelf;
  }

  #bucketOf(requires: readonly string[]): Bucket {
    const signature = requires.length === 0 ? "" : JSON.stringify([...new Set(requires)].toSorted());
    let bucket = this.#buckets.get(signature);
    if (bucket === undefined) this.#buckets.set(signature, (bucket = new Bucket(requires)));
    return bucket;
  }

  #keyOf(name: string): Key {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = new Key(name);
      if (this.#limits.ratePerKey !== undefined) key.window = new RateWindow(this.#limits.ratePerKey);
      this.#keys.set(name, key);
    }
    return key;
  }

  #laneOf(group: string): Lane {
    let lane = this.#groups.get(group);
    if (lane === undefined) this.#groups.set(group, (lane = new Lane(group)));
    return lane;
  }
}
