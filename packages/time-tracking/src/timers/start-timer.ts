import { OverlapError, TimerRunningError } from "../errors.ts";
import { defined, type TimeEntry, type Timer, type Work } from "../time/entry.ts";
import { localDayOf } from "../time/local-day.ts";
import type { Board } from "./board.ts";
import { pauseTimer, stopRunning } from "./stop-timer.ts";
import { skewBoundMs } from "./rules.ts";

/** What a timer is started with. */
export interface TimerStart extends Work {
  /** Began at an earlier moment than now. */
  readonly startedAtMs?: number | undefined;
  readonly process?: Timer["process"];
  readonly leaseMs?: number | undefined;
  readonly whileRunning: "refuse" | "pause";
}

/** Timers and entries that an operation made or changed. */
export interface TimerOutcome {
  readonly timer?: Timer | undefined;
  readonly entries: readonly TimeEntry[];
}

export function startTimer(board: Board, start: TimerStart): TimerOutcome {
  const attempt = `start a timer of ${start.actorId} on ${start.taskId}`;
  const running = board.running(start.actorId);
  const entries: TimeEntry[] = [];
  if (running !== undefined) {
    const isOwn = running.instanceId === start.instanceId;
    if (start.whileRunning !== "pause" || !isOwn || running.taskId === start.taskId)
      throw new TimerRunningError(attempt, start.actorId, running.taskId);
    entries.push(...pauseTimer(board, running, `Switched to ${start.taskId}`).entries);
  }
  const waiting = board.paused(start.actorId).find(({ taskId }) => taskId === start.taskId);
  const timer = begin(board, attempt, start, waiting);
  return { timer, entries };
}

/** Ends what runs and starts the other, at one moment. What is running on that task already goes on. */
export function switchTimer(board: Board, start: TimerStart): TimerOutcome {
  const running = board.running(start.actorId);
  if (running?.taskId === start.taskId) return { timer: running, entries: [] };
  const entries = running === undefined ? [] : stopRunning(board, running).entries;
  const outcome = startTimer(board, start);
  return { timer: outcome.timer, entries: [...entries, ...outcome.entries] };
}

export function resumeTimer(board: Board, paused: Timer): TimerOutcome {
  const attempt = `resume the timer of ${paused.actorId} on ${paused.taskId}`;
  const running = board.running(paused.actorId);
  if (running !== undefined) throw new TimerRunningError(attempt, paused.actorId, running.taskId);
  return { timer: begin(board, attempt, paused, paused), entries: [] };
}

function begin(
  board: Board,
  attempt: string,
  start: Work & Partial<TimerStart>,
  as: Timer | undefined,
): Timer {
  const { now } = board.rules;
  const { whileRunning: _, ...work } = start;
  const startedAtMs =
    start === as
      ? firstFreeMs(board, attempt, start)
      : (start.startedAtMs ?? firstFreeMs(board, attempt, start));
  board.checkFree(attempt, start, { startedAtMs, endedAtMs: Infinity });
  board.checkOpen(attempt, { localDay: localDayOf(startedAtMs, start.timeZone) });
  const { pausedAtMs: _paused, reason: _reason, ...known } = as ?? {};
  const isPast = startedAtMs < now.wallMs;
  const timer: Timer = defined({
    ...known,
    ...work,
    id: as?.id ?? board.rules.newId(),
    state: "running" as const,
    startedAtMs,
    pausedAtMs: undefined,
    reason: undefined,
    heartbeatAtMs: Math.max(startedAtMs, now.wallMs),
    // What began earlier, or on another clock, is not told by this one.
    monotonic: isPast ? undefined : now.monotonic,
  });
  board.putTimer(timer);
  return timer;
}

/**
 * Now; or, where the actor's last entry ends after now because a clock went back, the end of that: its length will be right, and
 * nothing is counted twice.
 */
function firstFreeMs(board: Board, attempt: string, who: Work): number {
  const nowMs = board.rules.now.wallMs;
  const later = board.endingAfter(nowMs, ({ actorId }) => actorId === who.actorId);
  const planned = later.find((entry) => entry.source === "manual" && entry.startedAtMs > nowMs);
  if (planned !== undefined)
    throw new OverlapError(
      attempt,
      [planned.id],
      `${planned.id} was added for a later time, and would be met`,
    );
  const freeMs = later.reduce((latest, { endedAtMs }) => Math.max(latest, endedAtMs), nowMs);
  const last = later.find(({ endedAtMs }) => endedAtMs === freeMs);
  if (last !== undefined && freeMs - nowMs > skewBoundMs)
    throw new OverlapError(
      attempt,
      [last.id],
      `${last.id} ends ${Math.round((freeMs - nowMs) / 3_600_000)} hours from now: a clock was wrong`,
    );
  return freeMs;
}
