import type { StoreEntry } from "@flockwork/core";
import { newJobId } from "./enqueue-options.ts";
import type { QueueEngine } from "./engine.ts";
import type { QueueEvent } from "./event.ts";
import { isJobLine } from "./job-line.ts";
import { isStoredEvent } from "./is-stored-event.ts";
import { isPacked, keepJobs, type StoredEvent } from "./packed-event.ts";
import type { QueueSettings } from "./queue-options.ts";
import type { Entry } from "./state/entry.ts";
import type { QueueState } from "./state/queue-state.ts";

type RetentionSettings = QueueSettings<unknown>["retention"];

/** Fewer are not worth the reading. */
const leastDropped = 10_000;
/** So many jobs are dropped for each one that stays, and so must be read again, by every process. */
const droppedPerKept = 4;

/** Whether so much could be dropped that rewriting the files costs little per job that was done. */
export function isWorthCompacting({ counts, jobs }: QueueState, retention: RetentionSettings): boolean {
  const over = counts.completed + counts.cancelled + counts.replaced;
  const droppable = Math.max(0, over - retention.completed) + Math.max(0, counts.dead - retention.dead);
  return droppable >= Math.max(leastDropped, droppedPerKept * (jobs.size - droppable));
}

/** Drops ended jobs that need not be kept, and the events that say nothing any more, in one commit. What is no job and no event of ours stays. */
export async function compactQueue(
  engine: QueueEngine,
  retention: RetentionSettings,
  at: () => string,
): Promise<void> {
  await engine.rewrite((state, { jobs, events }) => {
    const kept = keptJobs(state, retention);
    return {
      jobs: jobs.filter(({ record }) => !isJobLine(record) || kept.has(record.id)),
      events: keptEvents(state, kept, events, at()),
    };
  });
}

function keptJobs(state: QueueState, retention: RetentionSettings): ReadonlySet<string> {
  const kept = new Set<string>();
  const over: Entry[] = [];
  const dead: Entry[] = [];
  for (const entry of state.jobs.values()) {
    if (isNeeded(state, entry)) kept.add(entry.id);
    else (entry.state === "dead" ? dead : over).push(entry);
  }
  for (const entry of latest(over, retention.completed)) kept.add(entry.id);
  for (const entry of latest(dead, retention.dead)) kept.add(entry.id);
  return kept;
}

function isNeeded(state: QueueState, entry: Entry): boolean {
  const { line } = entry;
  if (entry.isLive || entry.dependents?.some((dependent) => dependent.isLive) === true) return true;
  if (line.windowMs !== undefined && Date.parse(line.at) + line.windowMs > state.nowMs) return true;
  if (line.schedule !== undefined && state.fired.get(line.schedule.name) === entry) return true;
  const rateMs = rateMsOf(state);
  return entry.claimedAt !== undefined && rateMs > 0 && Date.parse(entry.claimedAt) + rateMs > state.nowMs;
}

/** For so long claims count in some rate. */
function rateMsOf({ limits: { rate, ratePerKey } }: QueueState): number {
  return Math.max(rate?.perMs ?? 0, ratePerKey?.perMs ?? 0);
}

function latest(entries: Entry[], count: number): Entry[] {
  if (entries.length <= count) return entries;
  const newestFirst = entries.toSorted(
    (one, other) => Date.parse(other.endedAt ?? "") - Date.parse(one.endedAt ?? ""),
  );
  return newestFirst.slice(0, count);
}

/** Read from the end: of what settles one question, the latest word counts. */
function keptEvents(
  state: QueueState,
  jobs: ReadonlySet<string>,
  events: readonly StoreEntry<unknown>[],
  at: string,
): (StoreEntry<unknown> | StoredEvent)[] {
  const about: About = { state, jobs, settled: new Set<string>(), limitsFromMs: Infinity };
  const kept: (StoreEntry<unknown> | StoredEvent)[] = [];
  for (const entry of events.toReversed()) {
    const { record } = entry;
    const rest = isStoredEvent(record) ? restOf(about, record) : undefined;
    if (!isStoredEvent(record) || rest === record) kept.push(entry);
    else if (rest !== undefined) kept.push(rest);
  }
  const token = state.lastToken === undefined ? {} : { token: state.lastToken };
  kept.push({ type: "compacted", at, id: newJobId(), ...token });
  return kept.toReversed();
}

/** What an event is judged by. */
interface About {
  readonly state: QueueState;
  /** The jobs that are kept. */
  readonly jobs: ReadonlySet<string>;
  /** Questions that a later event has answered. */
  readonly settled: Set<string>;
  /** Since when the limits that a later event set are in force. */
  limitsFromMs: number;
}

/** What of a line still matters: all of it, some of its jobs, or nothing. */
function restOf(about: About, event: StoredEvent): StoredEvent | undefined {
  if (!isPacked(event)) return says(about, event) ? event : undefined;
  const { jobs, settled } = about;
  return keepJobs(event, (job, token) => {
    if (!jobs.has(job)) return false;
    if (event.type !== "extended") return true;
    const question = `extended ${job} ${token}`;
    const isFirst = !settled.has(question);
    settled.add(question);
    return isFirst;
  });
}

/** Whether an event still matters, given what came after it. */
function says(about: About, event: QueueEvent): boolean {
  const { state, jobs, settled } = about;
  const isFirst = (question: string): boolean => {
    const first = !settled.has(question);
    settled.add(question);
    return first;
  };
  switch (event.type) {
    case "compacted":
      return false;
    case "joined":
      return (state.holders.get(event.by)?.claims.size ?? 0) > 0 && isFirst(`joined ${event.by}`);
    case "limited": {
      // Claims that came before the latest limits may count in a rate that these did not change.
      const counts = isFirst("limits") || about.limitsFromMs + rateMsOf(state) > state.nowMs;
      about.limitsFromMs = Date.parse(event.at);
      return counts;
    }
    case "draining":
      return isFirst("draining");
    case "paused":
      return isFirst(scopeOf(event));
    case "resumed":
      if (scopeOf(event) === "queue") settled.add("draining");
      settled.add(scopeOf(event));
      return false;
    case "scheduled":
      return isFirst(`schedule ${event.schedule.name}`);
    case "unscheduled":
      settled.add(`schedule ${event.name}`);
      return false;
    case "extended":
    case "progressed":
      return jobs.has(event.job) && isFirst(`${event.type} ${event.job} ${event.token}`);
    default:
      return jobs.has(event.job);
  }
}

function scopeOf({
  limitKey,
  group,
}: {
  readonly limitKey?: string | undefined;
  readonly group?: string | undefined;
}): string {
  if (limitKey === undefined && group === undefined) return "queue";
  return `scope ${JSON.stringify([limitKey, group])}`;
}
