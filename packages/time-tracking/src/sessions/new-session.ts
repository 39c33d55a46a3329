import { identifyProcess } from "@flockwork/core";
import { randomBytes } from "node:crypto";
import { checkId, checkOptionalProcess, checkOptionalText } from "../arguments.ts";
import { developerId, instanceId, sanitizeDeveloperId } from "../identity.ts";
import { checkStoredIds } from "../stored-ids.ts";
import { defined } from "../time/entry.ts";
import { readWork } from "../timers/read-options.ts";
import type { Board } from "../timers/board.ts";
import { resumeTimer, startTimer, type TimerStart } from "../timers/start-timer.ts";
import { timersOf } from "./find-session.ts";
import type { OpenSessionOptions } from "./session-options.ts";
import { activeFile, type ActiveSession } from "./session.ts";

/** A session that begins now. @throws {TypeError} naming the option. */
export function newSession(options: OpenSessionOptions, now: string): ActiveSession {
  const process = checkOptionalProcess("process", options.process) ?? identifyProcess();
  const unique = `${Math.floor(Date.parse(now) / 1_000)}-${process.pid}-${randomBytes(4).toString("hex")}`;
  return defined({
    sessionId: `session-${unique}`,
    taskId: checkId("taskId", options.taskId),
    developerId: sanitizeDeveloperId(options.developerId ?? developerId()),
    instanceId: checkId("instanceId", options.instanceId ?? instanceId()),
    pid: process.pid,
    hostname: process.host,
    startTime: now,
    lastActivity: now,
    status: "active",
    taskTitle: checkOptionalText("taskTitle", options.taskTitle),
    branch: checkOptionalText("branch", options.branch),
    process,
  });
}

/** The timer that a session runs. */
export function timerStartOf(session: ActiveSession, timeZone: string): TimerStart {
  const { taskId, developerId: actorId, instanceId: instance, sessionId, process } = session;
  const work = readWork({ taskId, actorId, instanceId: instance, sessionId }, timeZone);
  return { ...work, process, whileRunning: "refuse" };
}

/** The same, of a session as it stands in the file: other programs write there. @throws {TimeFormatError} an id is none. */
export function storedTimerStart(session: ActiveSession, timeZone: string): TimerStart {
  const { taskId, developerId: actor, instanceId: instance, sessionId } = session;
  checkStoredSession(session, { taskId, developerId: actor, instanceId: instance, sessionId });
  return timerStartOf(session, timeZone);
}

/** @throws {TimeFormatError} an id of a session in the file is none that can be worked with. */
export function checkStoredSession(
  { sessionId }: Pick<ActiveSession, "sessionId">,
  ids: Readonly<Partial<Record<keyof ActiveSession, unknown>>>,
): void {
  checkStoredIds(activeFile, `session ${sessionId}`, ids);
}

/** The timer of a session that was paused goes on, on what the session works on now. One that has none gets none. */
export function goOn(board: Board, session: ActiveSession, timeZone: string): void {
  const paused = timersOf(board, session).filter(({ state }) => state === "paused");
  const same = paused.findLast(({ taskId }) => taskId === session.taskId);
  if (same !== undefined) resumeTimer(board, { ...same, process: session.process });
  else if (paused.length > 0) {
    for (const timer of paused) board.removeTimer(timer);
    startTimer(board, storedTimerStart(session, timeZone));
  }
}
