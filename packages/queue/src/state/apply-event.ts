import type { Claimed, Extended, Failed, Expired, JobEvent, QueueEvent, Released } from "../event.ts";
import { checkLimits } from "../limits.ts";
import { onlyKnown } from "../schedule-definition.ts";
import type { Entry } from "./entry.ts";
import type { Holder, QueueState } from "./queue-state.ts";

/**
 * What an event does to the state. The state is the referee: an event of a claim that is not the job's present one, or of a
 * job that is over, changes nothing.
 */
export function applyEvent(state: QueueState, event: QueueEvent): void {
  switch (event.type) {
    case "joined":
      state.holders.set(event.by, {
        joined: event,
        claims: state.holders.get(event.by)?.claims ?? new Set(),
        lookedAtMs: -Infinity,
      });
      return;
    case "paused":
    case "resumed":
      return applyPause(state, event);
    case "draining":
      state.draining = true;
      return;
    case "limited":
      return state.setLimits(checkLimits(event.limits));
    case "scheduled": {
      const schedule = onlyKnown(event.schedule);
      state.schedules.set(schedule.name, { definition: schedule, sinceMs: Date.parse(event.at) });
      return;
    }
    case "unscheduled":
      state.schedules.delete(event.name);
      return;
    case "compacted":
      if (event.token !== undefined) raiseToken(state, event.token);
      return;
    default:
      applyJobEvent(state, event);
  }
}

function applyJobEvent(state: QueueState, event: JobEvent): void {
  const entry = state.jobs.get(event.job);
  if ("token" in event) raiseToken(state, event.token);
  if (entry === undefined) return; // compacted away
  switch (event.type) {
    case "claimed":
      if (entry.isLive) claim(state, entry, event);
      return;
    case "cancelled":
      if (!entry.isLive) return;
      entry.reason = event.reason;
      if (entry.state === "claimed") endClaim(state, entry);
      return state.end(entry, "cancelled", event.at);
    case "redriven":
      return redrive(state, entry, event.runAt);
    default:
  }
  if (entry.state !== "claimed" || entry.token !== event.token) return;
  switch (event.type) {
    case "extended":
      return lend(state, entry, event);
    case "completed":
      entry.result = event.result;
      endClaim(state, entry);
      return state.end(entry, "completed", event.at);
    case "failed":
      entry.failures += 1;
      entry.failure = event.error;
      return afterAttempt(state, entry, event);
    case "expired":
      entry.crashes += 1;
      return afterAttempt(state, entry, event);
    case "released":
      entry.attempts -= 1;
      return afterAttempt(state, entry, event);
    case "progressed":
      entry.progress = event.progress;
      return;
    default:
  }
}

function claim(state: QueueState, entry: Entry, event: Claimed): void {
  if (entry.state === "claimed") endClaim(state, entry);
  state.timers.remove(entry);
  entry.attempts += 1;
  entry.token = event.token;
  entry.holder = event.by;
  entry.claimedAt = event.at;
  entry.firstClaimedAt ??= event.at;
  state.setState(entry, "claimed");
  const atMs = Date.parse(event.at);
  state.rate?.push(atMs);
  state.ready.claimed(entry, atMs);
  holderOf(state, entry)?.claims.add(entry);
  lend(state, entry, event);
}

/** Sets the end of the lease, on the clock that will judge it. */
function lend(state: QueueState, entry: Entry, event: Claimed | Extended): void {
  const { leaseMs } = event;
  const isLocal = holderOf(state, entry)?.joined.clock === state.clockName;
  const heap = isLocal ? state.localLeases : state.foreignLeases;
  if (isLocal !== entry.leaseIsLocal) leasesOf(state, entry).remove(entry);
  entry.leaseMs = leaseMs;
  entry.leaseIsLocal = isLocal;
  entry.leaseEndsMs = leaseMs + (isLocal ? event.up : Date.parse(event.at));
  heap.put(entry);
}

function leasesOf(state: QueueState, entry: Entry): QueueState["localLeases"] {
  return entry.leaseIsLocal ? state.localLeases : state.foreignLeases;
}

/** The state is no longer `claimed` once the caller has set another. */
function endClaim(state: QueueState, entry: Entry): void {
  leasesOf(state, entry).remove(entry);
  holderOf(state, entry)?.claims.delete(entry);
  state.ready.unclaimed(entry);
}

function holderOf(state: QueueState, { holder }: Entry): Holder | undefined {
  return holder === undefined ? undefined : state.holders.get(holder);
}

function afterAttempt(state: QueueState, entry: Entry, event: Failed | Expired | Released): void {
  endClaim(state, entry);
  if ("dead" in event && event.dead !== undefined) {
    entry.death = event.dead;
    return state.end(entry, "dead", event.at);
  }
  state.activate(entry, event.retryAt === undefined ? 0 : Date.parse(event.retryAt));
}

function redrive(state: QueueState, entry: Entry, runAt: string | undefined): void {
  if (entry.state !== "dead" && entry.state !== "cancelled") return;
  entry.attempts = 0;
  entry.crashes = 0;
  entry.failures = 0;
  entry.death = undefined;
  entry.reason = undefined;
  entry.endedAt = undefined;
  state.dependencies.recount(entry);
  state.activate(entry, runAt === undefined ? 0 : Date.parse(runAt));
  state.dependencies.revived(entry);
  const { key } = entry.line;
  if (key !== undefined && state.keys.get(key)?.isLive !== true) state.keys.set(key, entry);
}

function applyPause(
  state: QueueState,
  { type, limitKey, group }: Extract<QueueEvent, { type: "paused" | "resumed" }>,
): void {
  const paused = type === "paused";
  if (limitKey !== undefined) state.ready.pauseKey(limitKey, paused);
  if (group !== undefined) state.ready.pauseGroup(group, paused);
  if (limitKey !== undefined || group !== undefined) return;
  state.paused = paused;
  if (!paused) state.draining = false;
}

/** Tokens only grow, and are compared by their length first: decimal strings without leading zeros. */
function raiseToken(state: QueueState, token: string): void {
  const { lastToken } = state;
  const isHigher =
    lastToken === undefined ||
    token.length > lastToken.length ||
    (token.length === lastToken.length && token > lastToken);
  if (isHigher) state.lastToken = token;
}
