import { JobNotFoundError } from "./errors.ts";
import { toJob, type Job } from "./job.ts";
import type { Entry } from "./state/entry.ts";
import type { QueueState } from "./state/queue-state.ts";

/** One reason why a job is not running, or what it is doing instead. */
export interface Reason {
  readonly why:
    | "ended"
    | "claimed"
    | "waits on"
    | "delayed"
    | "group"
    | "paused"
    | "limit"
    | "rate"
    | "requires"
    | "behind";
  /** In words. */
  readonly text: string;
}

export interface Explanation<Payload = unknown, Result = unknown> {
  readonly job: Job<Payload, Result>;
  /** Whether the next claim by somebody with the capabilities it requires could get it. */
  readonly claimable: boolean;
  /** Every reason, the first one that must change first. Empty when it is claimable and next. */
  readonly reasons: readonly Reason[];
}

/** @param upMs - Now, on our monotonic clock. @throws {JobNotFoundError} */
export function explainJob<Payload, Result>(
  state: QueueState,
  id: string,
  upMs: number,
): Explanation<Payload, Result> {
  const entry = state.jobs.get(id);
  if (entry === undefined) throw new JobNotFoundError(id, "explain");
  const blocking = blockingReasons(state, entry, upMs);
  const claimable = entry.state === "waiting" && blocking.length === 0;
  const hints = claimable ? hintsFor(state, entry) : [];
  return { job: toJob(entry), claimable, reasons: [...blocking, ...hints] };
}

function blockingReasons(state: QueueState, entry: Entry, upMs: number): Reason[] {
  if (!entry.isLive) return [{ why: "ended", text: endedText(entry) }];
  if (entry.state === "claimed") return [{ why: "claimed", text: claimedText(state, entry, upMs) }];
  const reasons: Reason[] = [];
  if (entry.state === "blocked") {
    for (const dependency of entry.line.dependsOn ?? []) {
      const other = state.dependencies.resolve(dependency);
      if (other !== undefined && other.state !== "completed")
        reasons.push({ why: "waits on", text: `waits on ${other.id}, which is ${other.state}` });
    }
  }
  if (entry.state === "delayed") {
    const until = new Date(entry.dueMs).toISOString();
    const because = entry.failures + entry.crashes > 0 ? `, after ${entry.attempts} attempts` : "";
    reasons.push({ why: "delayed", text: `delayed until ${until}${because}` });
  }
  return [...reasons, ...closedReasons(state, entry)];
}

function closedReasons(state: QueueState, entry: Entry): Reason[] {
  const { group, limitKey } = entry.line;
  const reasons: Reason[] = [];
  const closed = state.closedBy();
  if (closed !== undefined) reasons.push({ why: closed, text: closedText("the queue", closed, state) });
  if (group !== undefined) {
    const lane = state.ready.groupNamed(group);
    if (lane?.paused === true) reasons.push({ why: "paused", text: `the group ${group} is paused` });
    const first = lane?.jobs.first;
    if (first !== undefined && first !== entry)
      reasons.push({
        why: "group",
        text: `the group ${group} runs in order, and ${first.id} is ${first.state} before it`,
      });
  }
  const key = limitKey === undefined ? undefined : state.ready.keyNamed(limitKey);
  const keyClosed = key?.closedBy(state.limits, state.nowMs);
  if (keyClosed !== undefined)
    reasons.push({ why: keyClosed, text: closedText(`the limit key ${limitKey}`, keyClosed, state) });
  return reasons;
}

function hintsFor(state: QueueState, entry: Entry): Reason[] {
  const reasons: Reason[] = [];
  const { requires = [] } = entry.line;
  if (requires.length > 0)
    reasons.push({ why: "requires", text: `only claimers with ${requires.join(", ")} get it` });
  const next = state.ready.best(new Set(requires));
  if (next !== undefined && next !== entry) reasons.push({ why: "behind", text: `${next.id} comes first` });
  return reasons;
}

function closedText(what: string, closed: "paused" | "limit" | "rate", { limits }: QueueState): string {
  if (closed === "paused") return `${what} is paused`;
  const isQueue = what === "the queue";
  if (closed === "limit")
    return `${what} has its ${isQueue ? limits.concurrency : limits.perKey} claims at once`;
  const rate = isQueue ? limits.rate : limits.ratePerKey;
  return `${what} has had its ${rate?.limit} claims in ${rate?.perMs} ms`;
}

function claimedText(state: QueueState, entry: Entry, upMs: number): string {
  const joined = entry.holder === undefined ? undefined : state.holders.get(entry.holder)?.joined;
  const who = joined === undefined ? "" : ` (pid ${joined.process.pid} on ${joined.process.host})`;
  return `claimed by ${entry.holder}${who} since ${entry.claimedAt}, attempt ${entry.attempts} of ${entry.maxAttempts}, until ${leaseEnd(state, entry, upMs)} unless extended`;
}

function leaseEnd({ nowMs }: QueueState, { leaseIsLocal, leaseEndsMs }: Entry, upMs: number): string {
  const endMs = leaseIsLocal ? nowMs + leaseEndsMs - upMs : leaseEndsMs;
  return new Date(Math.min(endMs, 8.64e15)).toISOString();
}

function endedText(entry: Entry): string {
  const { state, endedAt, death, reason, failure, replacedBy } = entry;
  const why = death ?? reason ?? (replacedBy && `by ${replacedBy.id}`);
  const error = state === "dead" && failure !== undefined ? `, last error: ${failure.message}` : "";
  return `${state} at ${endedAt}${why === undefined ? "" : ` (${why})`}${error}`;
}
