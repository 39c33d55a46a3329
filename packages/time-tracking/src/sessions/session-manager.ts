import type { StoreMembers, WaitOptions } from "@flockwork/core";
import { checkId, checkOptionalText, checkWhole } from "../arguments.ts";
import { TimeNotFoundError } from "../errors.ts";
import type { TimeTracking } from "../time-tracking.ts";
import { startTimer, switchTimer } from "../timers/start-timer.ts";
import { pauseTimer } from "../timers/stop-timer.ts";
import { sessionDeathEffect, type TimerDeathEffect } from "./death-effect.ts";
import { archiveSession, endSession, whyDead, type EndTools } from "./end-session.ts";
import { checkNoOther, checkOwner, openSessionsOf, requireSession, timersOf } from "./find-session.ts";
import { checkStoredSession, goOn, newSession, storedTimerStart, timerStartOf } from "./new-session.ts";
import { SessionCommits, waitOf } from "./session-commits.ts";
import { SessionEffects } from "./session-effects.ts";
import { SessionFiles } from "./session-files.ts";
import type {
  OpenSessionOptions,
  SessionCallOptions,
  SessionEffect,
  SessionEnd,
  SessionManagerOptions,
} from "./session-options.ts";
import type { ActiveSession } from "./session.ts";
import { takeOverSession } from "./take-over.ts";

/**
 * Opens the sessions of a project, `.flowforge/sessions/active-sessions.json`, beside its time: of one store, so that a session
 * and its timer end in one commit.
 */
export function openSessions(time: TimeTracking, options: SessionManagerOptions = {}): SessionManager {
  return new SessionManager(time, options);
}

/** Who is at work, in which program, on what. Made by {@link openSessions}. */
export class SessionManager {
  readonly #time: TimeTracking;
  readonly #commits: SessionCommits;
  readonly #effects: SessionEffects = new SessionEffects();
  readonly #tools: EndTools;

  constructor(time: TimeTracking, options: SessionManagerOptions = {}) {
    const { elsewhereSilentMs = Infinity, current = true } = options;
    if (elsewhereSilentMs !== Infinity) checkWhole("elsewhereSilentMs", elsewhereSilentMs, 1);
    this.#time = time;
    this.#commits = new SessionCommits(time, new SessionFiles(time.store, current));
    this.#tools = { time, commits: this.#commits, effects: this.#effects, elsewhereSilentMs };
  }

  /** The sessions that are open, as they stand in the file. Takes no lock. */
  async list(): Promise<readonly ActiveSession[]> {
    return openSessionsOf(await this.#commits.files.active.read());
  }

  /** One of them. Undefined where it is not open. */
  async get(sessionId: string): Promise<ActiveSession | undefined> {
    return this.#commits.get(sessionId);
  }

  /**
   * Opens a session, and starts its timer in the same commit.
   * @throws {TimerOwnerError} the instance has a session that is not over; {@link TimerRunningError} the developer's timer runs.
   */
  async open(options: OpenSessionOptions): Promise<ActiveSession> {
    const session = newSession(options, this.#commits.now());
    const { timer = true } = options;
    return this.#commits.change("open session", session, options, (board, file) => {
      checkNoOther("open a session", file.value, session);
      file.draft.sessions[session.sessionId] = session;
      if (timer) startTimer(board, timerStartOf(session, this.#time.timeZone));
      return session;
    });
  }

  /** Notes that a session, and its timer, live. @throws {TimeNotFoundError} it was ended: stop. {@link TimerOwnerError} */
  async heartbeat(sessionId: string, options: SessionCallOptions = {}): Promise<void> {
    const attempt = `note a heartbeat of ${sessionId}`;
    await this.#commits.files.active.update((file) => {
      const session = requireSession(attempt, file, sessionId, options);
      file.sessions[sessionId] = { ...session, lastActivity: this.#commits.now() };
    }, waitOf(options));
    await this.#commits.beat(sessionId);
  }

  /** Works on another task from now on; a running timer is switched in the same commit. */
  async attachTask(
    sessionId: string,
    taskId: string,
    options: SessionCallOptions = {},
  ): Promise<ActiveSession> {
    checkId("taskId", taskId);
    return this.#commits.touch("attach task", sessionId, options, (session, board) => {
      const { taskTitle: _, ...rest } = session;
      const next = taskId === session.taskId ? session : { ...rest, taskId };
      if (timersOf(board, session).some(({ state }) => state === "running"))
        switchTimer(board, storedTimerStart(next, this.#time.timeZone));
      return next;
    });
  }

  /** Pauses a session and its timer. */
  async pause(
    sessionId: string,
    options: SessionCallOptions & { readonly reason?: string | undefined } = {},
  ): Promise<ActiveSession> {
    const reason = checkOptionalText("reason", options.reason) ?? "Break";
    return this.#commits.touch("pause session", sessionId, options, (session, board) => {
      for (const timer of timersOf(board, session))
        if (timer.state === "running") pauseTimer(board, timer, reason);
      return { ...session, status: "paused", pausedAt: this.#commits.now() };
    });
  }

  /** Goes on with a session and its timer. */
  async resume(sessionId: string, options: SessionCallOptions = {}): Promise<ActiveSession> {
    return this.#commits.touch("resume session", sessionId, options, (session, board) => {
      const { pausedAt: _, ...rest } = session;
      goOn(board, session, this.#time.timeZone);
      return { ...rest, status: "active" };
    });
  }

  /** Ends a session by its own word: its timer stops, it goes to the archive of the month, and its effects run, in one commit. */
  async close(sessionId: string, options: SessionCallOptions = {}): Promise<SessionEnd> {
    const ended = await endSession(this.#tools, sessionId, options, (session) => {
      checkOwner(`close ${sessionId}`, session, options);
      return "closed";
    });
    if (ended === undefined) throw new TimeNotFoundError("close a session", sessionId);
    return ended;
  }

  /**
   * Ends the sessions that are proven dead: their process is gone, is another one by now, or its host was started anew. Their
   * timers end at the last sign of life and await `confirm`; their effects run; each in one commit. Any process may sweep.
   */
  async sweep(wait: WaitOptions = {}): Promise<readonly SessionEnd[]> {
    const ended: SessionEnd[] = [];
    const { sessions } = await this.#commits.files.active.readLocked(wait); // finishes what was cut short
    for (const [sessionId, session] of Object.entries(sessions) as [string, ActiveSession][]) {
      if (session.endTime !== undefined) await archiveSession(this.#commits, sessionId, session, wait);
      else if (whyDead(this.#tools, session) !== undefined) {
        const end = await endSession(this.#tools, sessionId, wait, (now) => whyDead(this.#tools, now));
        if (end !== undefined) ended.push(end);
      }
    }
    return ended;
  }

  /**
   * Goes on with the session of a program that is proven dead, or, with `force`, of a program of the same developer that lives.
   * @throws {TimerOwnerError} its program lives, or it is of another developer. Nothing was changed.
   */
  async takeOver(
    sessionId: string,
    options: Omit<OpenSessionOptions, "taskId" | "timer"> & { readonly force?: boolean | undefined } = {},
  ): Promise<ActiveSession> {
    const attempt = `take over ${sessionId}`;
    const known = await this.get(sessionId);
    if (known === undefined) throw new TimeNotFoundError(attempt, sessionId);
    const { taskId } = known;
    checkStoredSession(known, { taskId, developerId: known.developerId });
    const { developerId = known.developerId, force = false } = options;
    const mine = newSession({ ...options, developerId, taskId }, this.#commits.now());
    const heartbeats = await this.#time.heartbeats();
    const { timeZone } = this.#time;
    return this.#commits.touch(attempt, sessionId, waitOf(options), (session, board, file) => {
      checkNoOther(attempt, file, { ...mine, sessionId });
      const isDead = whyDead(this.#tools, session) !== undefined;
      return takeOverSession(attempt, session, board, { mine, isDead, force, heartbeats, timeZone });
    });
  }

  /** Registers what else is to end with every session, in the same commit. Returns the function that takes it back. */
  onDeath<const M extends StoreMembers>(effect: SessionEffect<M>): () => void {
    return this.#effects.add(effect);
  }

  /**
   * Ends sessions with their agent: for the `onDeath` of a registry in the same store. In the commit that ends the agent its
   * sessions end, their timers end at the last sign of life, and the effects of the sessions run. The next `sweep` archives them.
   *
   * @param agentOf - Of which agent a session is. Default: its developer is the agent.
   * @example agents.onDeath("*", sessions.deathEffect());
   */
  deathEffect(
    agentOf: (session: ActiveSession) => string | undefined = ({ developerId: id }) => id,
  ): TimerDeathEffect {
    const members = (): StoreMembers => ({
      ...this.#time.book.members,
      sessions: this.#commits.files.active,
      ...this.#effects.prepare().members,
    });
    return sessionDeathEffect({
      time: this.#time,
      members,
      agentOf,
      runEffects: (end, drafts) => this.#effects.prepare().run(end, drafts),
    });
  }
}
