/** Counters of this process, in memory that does not grow with use. */
import { Durations, type DurationMetrics } from "../durations.ts";
import { events } from "../events.ts";
import { checkDuration, checkFunction, longestTimerMs } from "../options.ts";
import type { LockMode } from "./lock-mode.ts";

/** What the locks of this process did since it started (or since `resetLockMetrics`). Times are milliseconds. */
export interface LockMetrics {
  readonly acquisitions: number;
  /** Acquisitions that found the lock held by someone else. */
  readonly contentions: number;
  readonly timeouts: number;
  readonly aborts: number;
  /** Leases that were lost. */
  readonly lost: number;
  readonly held: number;
  readonly waiting: number;
  readonly waitTime: DurationMetrics;
  readonly holdTime: DurationMetrics;
}

/** The shape FlowForge's scripts print. */
export interface SeedLockMetrics {
  readonly averageWaitTime: number;
  readonly maxWaitTime: number;
  readonly totalLocks: number;
  readonly totalContentions: number;
  readonly totalTimeouts: number;
  readonly activeLocks: number;
}

/** A lock that had to be waited for, or is held, longer than the listener's threshold. */
export interface SlowLockEvent {
  readonly path: string;
  readonly mode: LockMode;
  readonly durationMs: number;
}

interface Counters {
  contentions: number;
  timeouts: number;
  aborts: number;
  lost: number;
  held: number;
  waiting: number;
  waits: Durations;
  holds: Durations;
}

let counters = fresh();

function fresh(): Counters {
  return {
    contentions: 0,
    timeouts: 0,
    aborts: 0,
    lost: 0,
    held: 0,
    waiting: 0,
    waits: new Durations(),
    holds: new Durations(),
  };
}

interface Listener {
  readonly thresholdMs: number;
  readonly notify: (event: SlowLockEvent) => void;
}

const contentionListeners = new Set<Listener>();
const holdListeners = new Set<Listener>();

/**
 * Calls `notify` after each acquisition that waited longer than `thresholdMs` (default 100).
 *
 * @returns The function that stops it.
 */
export function onLockContention(
  notify: (event: SlowLockEvent) => void,
  options: { readonly thresholdMs?: number } = {},
): () => void {
  return subscribe(contentionListeners, notify, options.thresholdMs ?? 100);
}

/**
 * Calls `notify` when a lock of this process has been held for `thresholdMs` (default 1 000) and still is. Applies to locks
 * acquired from now on; `durationMs` is how long it is held so far.
 *
 * @returns The function that stops it.
 */
export function onLongHold(
  notify: (event: SlowLockEvent) => void,
  options: { readonly thresholdMs?: number } = {},
): () => void {
  return subscribe(holdListeners, notify, options.thresholdMs ?? 1_000);
}

/** What the locks of this process did so far. */
export function lockMetrics(): LockMetrics {
  const { contentions, timeouts, aborts, lost, held, waiting, waits, holds } = counters;
  const waitTime = waits.snapshot();
  return {
    acquisitions: waitTime.count,
    contentions,
    timeouts,
    aborts,
    lost,
    held,
    waiting,
    waitTime,
    holdTime: holds.snapshot(),
  };
}

/** The same, in the shape FlowForge's scripts print. */
export function getLockMetrics(): SeedLockMetrics {
  const { contentions, timeouts, held, waits } = counters;
  return {
    averageWaitTime: waits.count === 0 ? 0 : waits.totalMs / waits.count,
    maxWaitTime: waits.maxMs,
    totalLocks: waits.count,
    totalContentions: contentions,
    totalTimeouts: timeouts,
    activeLocks: held,
  };
}

/** Starts the counters again; what is held or waiting now stays counted. */
export function resetLockMetrics(): void {
  const { held, waiting } = counters;
  counters = { ...fresh(), held, waiting };
}

export function recordContention(lockPath: string): void {
  counters.contentions += 1;
  if (events.contended.hasSubscribers) events.contended.publish({ lockPath });
}

export function recordWaiting(change: 1 | -1): void {
  counters.waiting += change;
}

const outcomes = { timeouts: "timeout", aborts: "abort", lost: "lost" } as const;

export function recordFailure(kind: keyof typeof outcomes, path: string, waitedMs?: number): void {
  counters[kind] += 1;
  if (!events.failed.hasSubscribers) return;
  const outcome = outcomes[kind];
  events.failed.publish(waitedMs === undefined ? { outcome, path } : { outcome, path, waitedMs });
}

export function recordAcquired(path: string, mode: LockMode, waitedMs: number): void {
  counters.held += 1;
  counters.waits.add(waitedMs);
  if (contentionListeners.size > 0) tell(contentionListeners, path, mode, waitedMs);
  if (events.acquired.hasSubscribers) events.acquired.publish({ path, mode, waitedMs });
}

export function recordReleased(path: string, mode: LockMode, heldMs: number): void {
  counters.held -= 1;
  counters.holds.add(heldMs);
  if (events.released.hasSubscribers) events.released.publish({ path, mode, heldMs });
}

/** Watches a lock that was just acquired. Returns what ends the watch; undefined where nobody listens. */
export function watchHold(path: string, mode: LockMode, acquiredAt: number): (() => void) | undefined {
  if (holdListeners.size === 0) return undefined;
  const listeners = [...holdListeners].filter(({ thresholdMs }) => thresholdMs <= longestTimerMs);
  const timers = listeners.map(({ thresholdMs, notify }) =>
    setTimeout(() => notify({ path, mode, durationMs: performance.now() - acquiredAt }), thresholdMs).unref(),
  );
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}

function tell(listeners: ReadonlySet<Listener>, path: string, mode: LockMode, durationMs: number): void {
  for (const { thresholdMs, notify } of listeners) {
    if (durationMs <= thresholdMs) continue;
    // A listener that throws must not turn a lock that is held into a failure: let it surface on its own.
    queueMicrotask(() => notify({ path, mode, durationMs }));
  }
}

function subscribe(listeners: Set<Listener>, notify: Listener["notify"], thresholdMs: number): () => void {
  checkFunction("notify", notify);
  const listener: Listener = { thresholdMs: checkDuration("thresholdMs", thresholdMs), notify };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
