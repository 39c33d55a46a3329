import type { DeepReadonly } from "@flockwork/core";
import { TimeNotFoundError, TimerOwnerError } from "../errors.ts";
import type { Timer } from "../time/entry.ts";
import type { Board } from "../timers/board.ts";
import type { SessionCallOptions } from "./session-options.ts";
import type { ActiveSession, ActiveSessionsFile } from "./session.ts";

/** Those that are not over: one that ended with its agent stays until a sweep has archived it. */
export function openSessionsOf({ sessions }: DeepReadonly<ActiveSessionsFile>): readonly ActiveSession[] {
  return (Object.values(sessions) as ActiveSession[]).filter(({ endTime }) => endTime === undefined);
}

/** The open session of that id. */
export function sessionOf(
  { sessions }: DeepReadonly<ActiveSessionsFile>,
  sessionId: string,
): ActiveSession | undefined {
  const session = Object.hasOwn(sessions, sessionId) ? (sessions[sessionId] as ActiveSession) : undefined;
  return session?.endTime === undefined ? session : undefined;
}

/** @throws {TimeNotFoundError} it is not open; {@link TimerOwnerError} it is not the caller's. */
export function requireSession(
  attempt: string,
  file: DeepReadonly<ActiveSessionsFile>,
  sessionId: string,
  options: SessionCallOptions,
): ActiveSession {
  const session = sessionOf(file, sessionId);
  if (session === undefined) throw new TimeNotFoundError(attempt, sessionId);
  checkOwner(attempt, session, options);
  return session;
}

/** @throws {TimerOwnerError} it belongs to another instance than the one that asks. */
export function checkOwner(
  attempt: string,
  session: ActiveSession,
  { instanceId }: SessionCallOptions,
): void {
  if (instanceId !== undefined && instanceId !== session.instanceId)
    throw new TimerOwnerError(attempt, session.instanceId);
}

/** An instance has one session. @throws {TimerOwnerError} it has another one that is not over. */
export function checkNoOther(
  attempt: string,
  file: DeepReadonly<ActiveSessionsFile>,
  { instanceId, sessionId }: Pick<ActiveSession, "instanceId" | "sessionId">,
): void {
  const other = openSessionsOf(file).find(
    (each) => each.instanceId === instanceId && each.sessionId !== sessionId,
  );
  if (other !== undefined) throw new TimerOwnerError(attempt, `${other.sessionId} of the same instance`);
}

/** The timers that run, or are paused, under a session. */
export function timersOf(board: Board, { sessionId }: ActiveSession): readonly Timer[] {
  return board.timers.filter((timer) => timer.sessionId === sessionId);
}
