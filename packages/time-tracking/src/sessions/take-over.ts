import { TimerOwnerError } from "../errors.ts";
import { defined } from "../time/entry.ts";
import type { Board } from "../timers/board.ts";
import type { Heartbeat } from "../timers/heartbeats.ts";
import { recoverTimer } from "../timers/recover.ts";
import { startTimer } from "../timers/start-timer.ts";
import { timersOf } from "./find-session.ts";
import { storedTimerStart } from "./new-session.ts";
import { lastActivityMs, type ActiveSession } from "./session.ts";

/** Who goes on with a session, and by what right. */
export interface Successor {
  /** What the session would be if it were opened by it. */
  readonly mine: ActiveSession;
  readonly isDead: boolean;
  readonly force: boolean;
  readonly heartbeats: Readonly<Record<string, Heartbeat>>;
  readonly timeZone: string;
}

/**
 * Hands a session to another program. What a dead program's timer ran ends at its last sign of life, and awaits confirmation; the
 * successor's runs from now on. A living one's timer goes on as it is.
 *
 * @throws {TimerOwnerError} the program lives, or the session is another developer's.
 */
export function takeOverSession(
  attempt: string,
  session: ActiveSession,
  board: Board,
  { mine, isDead, force, heartbeats, timeZone }: Successor,
): ActiveSession {
  if (mine.developerId !== session.developerId || !(isDead || force))
    throw new TimerOwnerError(attempt, session.instanceId);
  const { instanceId, pid, hostname, process } = mine;
  const taken = { ...session, instanceId, pid, hostname, process };
  const lastMs = lastActivityMs(session);
  for (const timer of timersOf(board, session)) {
    if (timer.state === "paused") board.putTimer(defined({ ...timer, instanceId }));
    else if (isDead) {
      recoverTimer(board, timer, heartbeats[timer.id], "session-dead", lastMs);
      startTimer(board, storedTimerStart(taken, timeZone));
    } else board.putTimer(defined({ ...timer, instanceId, process }));
  }
  return taken;
}
