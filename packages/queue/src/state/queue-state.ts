/**
 * The state of a queue: what its two files add up to. Jobs come from `tasks.jsonl`, everything else from `events.jsonl`; each
 * file is taken in its own order, and how the two are interleaved makes no difference. Time is told by `advance`.
 */
import type { Joined } from "../event.ts";
import type { JobLine } from "../job-line.ts";
import type { QueueLimits } from "../limits.ts";
import type { ScheduleDefinition } from "../schedule-definition.ts";
import { Dependencies } from "./dependencies.ts";
import { Entry, type JobState, type Timed } from "./entry.ts";
import { Heap } from "./heap.ts";
import { Key } from "./lane.ts";
import { RateWindow } from "./rate-window.ts";
import { ReadyJobs } from "./ready-jobs.ts";

/** Who claims, and what it has claimed now. */
export interface Holder {
  readonly joined: Joined;
  readonly claims: Set<Entry>;
  /** When it was last looked for, on our monotonic clock. */
  lookedAtMs: number;
}

export interface ScheduleState {
  readonly definition: ScheduleDefinition;
  /** Milliseconds since 1970: instants before it are not made up for. */
  readonly sinceMs: number;
}

export class QueueState {
  readonly jobs: Map<string, Entry> = new Map();
  /** Dedupe key → the latest job that has it. */
  readonly keys: Map<string, Entry> = new Map();
  readonly holders: Map<string, Holder> = new Map();
  readonly schedules: Map<string, ScheduleState> = new Map();
  /** Schedule name → the job of the latest instant it has fired for. */
  readonly fired: Map<string, Entry> = new Map();
  readonly counts: Record<JobState, number> = {
    blocked: 0,
    delayed: 0,
    waiting: 0,
    claimed: 0,
    completed: 0,
    dead: 0,
    cancelled: 0,
    replaced: 0,
  };
  readonly timers: Heap<Timed> = new Heap<Timed>({
    before: (one, other) => one.dueMs < other.dueMs,
    seatOf: (timed) => timed.timerSeat,
    sit: (timed, seat) => void (timed.timerSeat = seat),
  });
  readonly ready: ReadyJobs = new ReadyJobs(this.timers);
  readonly dependencies: Dependencies = new Dependencies(this);
  /** Claims by the end of their leases: on our monotonic clock, and on the wall clock where theirs is not ours. */
  readonly localLeases: Heap<Entry> = leases();
  readonly foreignLeases: Heap<Entry> = leases();
  /** What our monotonic clock is called in `joined` events. */
  readonly clockName: string;
  limits: QueueLimits = {};
  rate: RateWindow | undefined = undefined;
  paused = false;
  draining = false;
  /** The highest token ever granted. */
  lastToken: string | undefined = undefined;
  /** Records that are nobody's: passed over, never dropped. */
  foreign = 0;
  nowMs = 0;
  #seq = 0;
  #latestMs = 0;

  constructor(clockName: string) {
    this.clockName = clockName;
  }

  /** Takes in a job. One whose id is known already is passed over. */
  addJob(line: JobLine): void {
    if (this.jobs.has(line.id)) {
      this.foreign += 1;
      return;
    }
    this.#latestMs = Math.max(this.#latestMs, Date.parse(line.at));
    const dueMs = line.runAt === undefined ? 0 : Date.parse(line.runAt);
    const entry = new Entry(line, (this.#seq += 1), dueMs === 0 ? this.#latestMs : dueMs);
    this.jobs.set(line.id, entry);
    this.counts.waiting += 1;
    if (line.replaces !== undefined) this.#replace(line.replaces, entry);
    if (line.key !== undefined) this.keys.set(line.key, entry);
    if (line.schedule !== undefined) this.#fire(line.schedule, entry);
    this.dependencies.link(entry);
    this.activate(entry, dueMs);
  }

  /** Lets time pass: jobs whose time has come wait to be claimed, keys that were over their rate are open again. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    this.ready.nowMs = nowMs;
    for (let next = this.timers.first; next !== undefined && next.dueMs <= nowMs; next = this.timers.first) {
      this.timers.remove(next);
      if (next instanceof Entry) this.activate(next, 0);
      else if (next instanceof Key) this.ready.due(next);
    }
  }

  /** The job may run once its time has come and what it depends on has ended. */
  activate(entry: Entry, dueMs: number): void {
    entry.dueMs = dueMs;
    if (entry.waitsOn > 0) {
      this.setState(entry, "blocked");
      this.timers.remove(entry);
      this.ready.remove(entry);
      return;
    }
    const delayed = dueMs > this.nowMs;
    this.setState(entry, delayed ? "delayed" : "waiting");
    if (delayed) this.timers.put(entry);
    else this.timers.remove(entry);
    if (entry.lane !== undefined) this.ready.changed(entry);
    else if (!delayed || entry.line.group !== undefined) this.ready.add(entry);
  }

  /** The job is over. */
  end(entry: Entry, state: "completed" | "dead" | "cancelled" | "replaced", at: string): void {
    this.timers.remove(entry);
    this.setState(entry, state);
    entry.endedAt = at;
    this.ready.remove(entry);
    this.dependencies.ended(entry);
  }

  setState(entry: Entry, state: JobState): void {
    this.counts[entry.state] -= 1;
    entry.state = state;
    this.counts[state] += 1;
  }

  /** Why nobody may claim anything; undefined when somebody may. */
  closedBy(): "paused" | "limit" | "rate" | undefined {
    if (this.paused) return "paused";
    const { concurrency } = this.limits;
    if (concurrency !== undefined && this.counts.claimed >= concurrency) return "limit";
    return this.rate !== undefined && this.rate.openMs > this.nowMs ? "rate" : undefined;
  }

  setLimits(limits: QueueLimits): void {
    const isNew = JSON.stringify(limits.rate) !== JSON.stringify(this.limits.rate);
    if (isNew) this.rate = limits.rate === undefined ? undefined : new RateWindow(limits.rate);
    this.limits = limits;
    this.ready.setLimits(limits);
  }

  /** Jobs that are over. */
  get ended(): number {
    const { completed, dead, cancelled, replaced } = this.counts;
    return completed + dead + cancelled + replaced;
  }

  #replace(id: string, successor: Entry): void {
    const old = this.jobs.get(id);
    if (old === undefined || old === successor || !old.isLive || old.state === "claimed") return;
    old.replacedBy = successor;
    this.end(old, "replaced", successor.line.at);
  }

  #fire({ name, slot }: { readonly name: string; readonly slot: string }, entry: Entry): void {
    const latest = this.fired.get(name)?.line.schedule?.slot;
    if (latest === undefined || Date.parse(slot) > Date.parse(latest)) this.fired.set(name, entry);
  }
}

function leases(): Heap<Entry> {
  return new Heap({
    before: (one, other) => one.leaseEndsMs < other.leaseEndsMs,
    seatOf: (entry) => entry.leaseSeat,
    sit: (entry, seat) => void (entry.leaseSeat = seat),
  });
}
