import { TimerNotRunningError, TimerOwnerError } from "../errors.ts";
import { defined, type TimeEntry, type Timer } from "../time/entry.ts";
import type { Board } from "./board.ts";
import { endOf, recordStretch, type EntryDetails } from "./make-entry.ts";
import type { TimerOutcome } from "./start-timer.ts";

/** Which timer is meant. */
export interface TimerChoice {
  readonly actorId: string;
  readonly taskId?: string | undefined;
  /** Only if it is a timer of that instance. */
  readonly instanceId?: string | undefined;
  /** Only if it is of that session. A timer without one is a session by itself, of its own id. */
  readonly sessionId?: string | undefined;
}

/** The running timer that is meant. @throws {TimerNotRunningError | TimerOwnerError} */
export function requireRunning(board: Pick<Board, "running">, attempt: string, choice: TimerChoice): Timer {
  const { actorId, taskId, sessionId, instanceId } = choice;
  const timer = board.running(actorId);
  if (timer === undefined)
    throw new TimerNotRunningError(attempt, actorId, `${actorId} has no timer that runs`);
  if (taskId !== undefined && timer.taskId !== taskId)
    throw new TimerNotRunningError(
      attempt,
      actorId,
      `the timer of ${actorId} runs on ${timer.taskId}, not on ${taskId}`,
    );
  if (sessionId !== undefined && sessionOf(timer) !== sessionId)
    throw new TimerNotRunningError(
      attempt,
      actorId,
      `the timer of ${actorId} is of the session ${sessionOf(timer)}, not of ${sessionId}`,
    );
  if (instanceId !== undefined && timer.instanceId !== undefined && timer.instanceId !== instanceId)
    throw new TimerOwnerError(attempt, timer.instanceId);
  return timer;
}

/** The paused timer that is meant: the one that was paused last, unless a task is named. @throws {TimerNotRunningError} */
export function requirePaused(board: Board, attempt: string, choice: TimerChoice): Timer {
  const { actorId, taskId, sessionId } = choice;
  const timer = board.paused(actorId).findLast((each) => isMeant(each, choice));
  if (timer !== undefined) return timer;
  const on = taskId === undefined ? "" : ` on ${taskId}`;
  const of = sessionId === undefined ? "" : ` of the session ${sessionId}`;
  throw new TimerNotRunningError(attempt, actorId, `${actorId} has no paused timer${on}${of}`);
}

function isMeant(timer: Timer, { taskId, sessionId }: TimerChoice): boolean {
  if (taskId !== undefined && timer.taskId !== taskId) return false;
  return sessionId === undefined || sessionOf(timer) === sessionId;
}

/** The session that a timer is of: its own id, where it was started in none. */
export function sessionOf(timer: Pick<Timer, "id" | "sessionId">): string {
  return timer.sessionId ?? timer.id;
}

export function pauseTimer(board: Board, timer: Timer, reason: string): TimerOutcome {
  const endedAtMs = endOf(timer, board.rules.now);
  const entries = recordStretch(board, timer, { startedAtMs: timer.startedAtMs, endedAtMs }, { reason });
  const { monotonic: _, process: _process, ...rest } = timer;
  const paused: Timer = defined({ ...rest, state: "paused" as const, pausedAtMs: endedAtMs, reason });
  board.putTimer(paused);
  return { timer: paused, entries };
}

/** Ends the timer that is meant: one that runs, else one that is paused. */
export function stopTimer(board: Board, choice: TimerChoice): TimerOutcome {
  const attempt = `stop the timer of ${choice.actorId}`;
  const running = board.running(choice.actorId);
  if (running !== undefined && isMeant(running, choice))
    return stopRunning(board, requireRunning(board, attempt, choice));
  const paused = requirePaused(board, attempt, choice);
  board.removeTimer(paused);
  return { entries: [] };
}

/** Ends a running timer now, or at an earlier moment. */
export function stopRunning(
  board: Board,
  timer: Timer,
  details: EntryDetails = {},
  atMs?: number,
): TimerOutcome {
  const endedAtMs = Math.max(timer.startedAtMs, atMs ?? endOf(timer, board.rules.now));
  board.removeTimer(timer);
  return { entries: recordStretch(board, timer, { startedAtMs: timer.startedAtMs, endedAtMs }, details) };
}

/** What becomes of time in which nobody was there. */
export type IdleAction = "discard" | "keep" | "split";

/** Settles idle time of a running timer, from `sinceMs` until now. The timer goes on. */
export function settleIdle(board: Board, timer: Timer, sinceMs: number, action: IdleAction): TimerOutcome {
  const endedAtMs = endOf(timer, board.rules.now);
  const fromMs = Math.min(endedAtMs, Math.max(timer.startedAtMs, sinceMs));
  const { monotonic } = board.rules.now;
  const worked = { startedAtMs: timer.startedAtMs, endedAtMs: fromMs };
  const away = { startedAtMs: fromMs, endedAtMs };
  const entries: TimeEntry[] = [];
  if (action !== "keep" && worked.startedAtMs < worked.endedAtMs)
    entries.push(...recordStretch(board, timer, worked, { reason: "Idle" }));
  if (action === "split" && away.startedAtMs < away.endedAtMs)
    entries.push(
      ...recordStretch(board, timer, away, { source: "idle", billable: false, nonBillableReason: "Idle" }),
    );
  const kept = action === "keep" ? timer : defined({ ...timer, startedAtMs: endedAtMs, monotonic });
  const after = { ...kept, heartbeatAtMs: Math.max(kept.startedAtMs, endedAtMs) };
  board.putTimer(after);
  return { timer: after, entries };
}
