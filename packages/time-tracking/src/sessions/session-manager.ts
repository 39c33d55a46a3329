// Longer than other files: it is the list of calls that users see, each of a few lines; what they do stands elsewhere.
import {
  identifyProcess,
  instantOf,
  judgeProcess,
  type DeepReadonly,
  type DocumentDraft,
  type StoreMembers,
  type WaitOptions,
} from "@flockwork/core";
import { randomBytes } from "node:crypto";
import { checkId, checkOptionalText, checkWhole } from "../arguments.ts";
import { TimeNotFoundError, TimerOwnerError } from "../errors.ts";
import { developerId, instanceId, sanitizeDeveloperId } from "../identity.ts";
import type { TimeTracking } from "../time-tracking.ts";
import { defined, type Timer } from "../time/entry.ts";
import { Board } from "../timers/board.ts";
import { readWork } from "../timers/read-options.ts";
import { recoverTimer, type Recovered } from "../timers/recover.ts";
import { resumeTimer, startTimer, switchTimer } from "../timers/start-timer.ts";
import { pauseTimer, stopRunning } from "../timers/stop-timer.ts";
import { openSessionsOf, sessionDeathEffect, type TimerDeathEffect } from "./death-effect.ts";
import { SessionFiles } from "./session-files.ts";
import type {
  OpenSessionOptions,
  SessionCallOptions,
  SessionEffect,
  SessionEnd,
  SessionManagerOptions,
} from "./session-options.ts";
import type { ActiveSession, ActiveSessionsFile } from "./session.ts";

type LooseDrafts = Readonly<Record<string, unknown>>;
/** What is read is the frozen value: what a draft holds must not get into another document. */
type SessionsDraft = DocumentDraft<ActiveSessionsFile>;
type Work<R> = (board: Board, sessions: SessionsDraft, drafts: LooseDrafts) => R | Promise<R>;

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
  readonly #files: SessionFiles;
  readonly #elsewhereSilentMs: number;
  readonly #effects: SessionEffect[] = [];

  constructor(time: TimeTracking, options: SessionManagerOptions = {}) {
    const { elsewhereSilentMs = Infinity, current = true } = options;
    this.#time = time;
    this.#files = new SessionFiles(time.store, current);
    this.#elsewhereSilentMs =
      elsewhereSilentMs === Infinity ? Infinity : checkWhole("elsewhereSilentMs", elsewhereSilentMs, 1);
  }

  /** The sessions that are open, as they stand in the file. Takes no lock. */
  async list(): Promise<readonly ActiveSession[]> {
    return openSessionsOf(await this.#files.active.read());
  }

  /** One of them. Undefined where it is not open. */
  async get(sessionId: string): Promise<ActiveSession | undefined> {
    return sessionOf(await this.#files.active.read(), sessionId);
  }

  /**
   * Opens a session, and starts its timer in the same commit.
   * @throws {TimerOwnerError} the instance has a session that is not over; {@link TimerRunningError} the developer's timer runs.
   */
  async open(options: OpenSessionOptions): Promise<ActiveSession> {
    const session = this.#newSession(options);
    const { timer = true } = options;
    return this.#change("open session", session, options, (board, file) => {
      const other = openSessionsOf(file.value).find((each) => each.instanceId === session.instanceId);
      if (other !== undefined)
        throw new TimerOwnerError("open a session", `${other.sessionId} of the same instance`);
      file.draft.sessions[session.sessionId] = session;
      if (timer) startTimer(board, this.#timerOf(session));
      return session;
    });
  }

  /** Notes that a session, and its timer, live. @throws {TimeNotFoundError} it was ended: stop. {@link TimerOwnerError} */
  async heartbeat(sessionId: string, options: SessionCallOptions = {}): Promise<void> {
    const attempt = `note a heartbeat of ${sessionId}`;
    await this.#files.active.update((file) => {
      const session = requireSession(attempt, file, sessionId, options);
      file.sessions[sessionId] = { ...session, lastActivity: this.#now() };
    }, waitOf(options));
  }

  /** Works on another task from now on; a running timer is switched in the same commit. */
  async attachTask(
    sessionId: string,
    taskId: string,
    options: SessionCallOptions = {},
  ): Promise<ActiveSession> {
    checkId("taskId", taskId);
    return this.#touch("attach task", sessionId, options, (session, board) => {
      const next = { ...session, taskId };
      if (timersOf(board, session).some(({ state }) => state === "running"))
        switchTimer(board, this.#timerOf(next));
      return next;
    });
  }

  /** Pauses a session and its timer. */
  async pause(
    sessionId: string,
    options: SessionCallOptions & { readonly reason?: string | undefined } = {},
  ): Promise<ActiveSession> {
    const reason = checkOptionalText("reason", options.reason) ?? "Break";
    return this.#touch("pause session", sessionId, options, (session, board) => {
      for (const timer of timersOf(board, session))
        if (timer.state === "running") pauseTimer(board, timer, reason);
      return { ...session, status: "paused", pausedAt: this.#now() };
    });
  }

  /** Goes on with a session and its timer. */
  async resume(sessionId: string, options: SessionCallOptions = {}): Promise<ActiveSession> {
    return this.#touch("resume session", sessionId, options, (session, board) => {
      const { pausedAt: _, ...rest } = session;
      const paused = timersOf(board, session).findLast(
        ({ state, taskId }) => state === "paused" && taskId === session.taskId,
      );
      if (paused !== undefined) resumeTimer(board, { ...paused, process: session.process });
      return { ...rest, status: "active" };
    });
  }

  /** Ends a session by its own word: its timer stops, it goes to the archive of the month, and its effects run, in one commit. */
  async close(sessionId: string, options: SessionCallOptions = {}): Promise<SessionEnd> {
    const ended = await this.#end(sessionId, options, (session) => {
      checkOwner(`close ${sessionId}`, session, options);
      return "closed";
    });
    if (ended === undefined) throw new TimeNotFoundError(`close ${sessionId}`, sessionId);
    return ended;
  }

  /**
   * Ends the sessions that are proven dead: their process is gone, is another one by now, or its host was started anew. Their
   * timers end at the last sign of life and await `confirm`; their effects run; each in one commit. Any process may sweep.
   */
  async sweep(wait: WaitOptions = {}): Promise<readonly SessionEnd[]> {
    const ended: SessionEnd[] = [];
    for (const session of Object.values((await this.#files.active.read()).sessions) as ActiveSession[]) {
      if (session.endTime !== undefined) await this.#archive(session, wait);
      if (this.#whyDead(session) === undefined) continue;
      const end = await this.#end(session.sessionId, wait, (now) => this.#whyDead(now));
      if (end !== undefined) ended.push(end);
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
    const mine = this.#newSession({
      ...options,
      taskId: known.taskId,
      developerId: options.developerId ?? known.developerId,
    });
    return this.#touch(attempt, sessionId, {}, (session, board) => {
      const dead = this.#whyDead(session);
      const isAllowed =
        mine.developerId === session.developerId && (dead !== undefined || options.force === true);
      if (!isAllowed) throw new TimerOwnerError(attempt, session.instanceId);
      const { instanceId: owner, pid, hostname, process } = mine;
      const taken = { ...session, instanceId: owner, pid, hostname, process, status: "active" };
      for (const timer of timersOf(board, session)) {
        // What a dead program's timer ran is settled first; the new program starts its own stretch.
        if (timer.state === "running" && dead !== undefined)
          recoverTimer(board, timer, undefined, "session-dead", Date.parse(session.lastActivity));
        else board.putTimer(defined({ ...timer, instanceId: owner, process }));
      }
      return taken;
    });
  }

  /** Registers what else is to end with every session, in the same commit. Returns the function that takes it back. */
  onDeath<const M extends StoreMembers>(effect: SessionEffect<M>): () => void {
    const known = effect as unknown as SessionEffect;
    if (this.#effects.some(({ name }) => name === known.name))
      throw new TypeError(`An effect ${known.name} is registered already`);
    this.#effects.push(known);
    return () => void this.#effects.splice(this.#effects.indexOf(known), 1);
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
      sessions: this.#files.active,
      ...this.#effectMembers(),
    });
    return sessionDeathEffect({
      time: this.#time,
      members,
      agentOf,
      runEffects: (end, drafts) => this.#runEffects(end, drafts),
    });
  }

  #whyDead(session: ActiveSession): Exclude<SessionEnd["why"], "closed"> | undefined {
    const { process, pid, hostname, lastActivity } = session;
    const verdict = judgeProcess(process ?? { pid, host: hostname });
    if (verdict === "running") return undefined;
    if (verdict !== "elsewhere") return verdict;
    const silentMs = instantOf(this.#time.clock).wallMs - Date.parse(lastActivity);
    return silentMs > this.#elsewhereSilentMs ? "silent" : undefined;
  }

  #newSession(options: OpenSessionOptions): ActiveSession {
    const { process = identifyProcess() } = options;
    const now = this.#now();
    return defined({
      sessionId: `session-${Math.floor(Date.parse(now) / 1_000)}-${process.pid}-${randomBytes(4).toString("hex")}`,
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

  #timerOf({
    taskId,
    developerId: actorId,
    instanceId: instance,
    sessionId,
    process,
  }: ActiveSession): Parameters<typeof startTimer>[1] {
    const work = readWork({ taskId, actorId, instanceId: instance, sessionId }, this.#time.timeZone);
    return { ...work, process, whileRunning: "refuse" };
  }

  async #end(
    sessionId: string,
    wait: WaitOptions,
    decide: (session: ActiveSession) => SessionEnd["why"] | undefined,
  ): Promise<SessionEnd | undefined> {
    const known = await this.get(sessionId);
    if (known === undefined) return undefined;
    const endedAtMs = instantOf(this.#time.clock).wallMs;
    const heartbeats = await this.#time.heartbeats();
    const members = { ...this.#files.members(known, endedAtMs), ...this.#effectMembers() };
    return this.#commit("end session", members, wait, async (board, file, drafts) => {
      const session = sessionOf(file.value, sessionId);
      const why = session === undefined ? undefined : decide(session);
      if (session === undefined || why === undefined) return undefined;
      const lastMs = Date.parse(session.lastActivity);
      const timers = timersOf(board, session).flatMap((timer): Recovered[] => {
        if (timer.state === "paused") board.removeTimer(timer);
        else if (why === "closed")
          return [{ timer, entries: stopRunning(board, timer).entries, why: "session-dead" }];
        else return [recoverTimer(board, timer, heartbeats[timer.id], "session-dead", lastMs)];
        return [];
      });
      delete file.draft.sessions[sessionId];
      const over = { ...session, status: why === "closed" ? "closed" : "dead", endReason: why };
      const ended = { ...over, endTime: new Date(why === "closed" ? endedAtMs : lastMs).toISOString() };
      this.#files.archive(drafts, ended);
      this.#files.note(drafts, ended, false);
      await this.#runEffects({ session: ended, why }, drafts);
      return { session: ended, timers, why };
    });
  }

  #effectMembers(): StoreMembers {
    const effects = this.#effects.flatMap(({ members }, at) =>
      Object.entries(members).map(([key, member]) => [`effect${at} ${key}`, member] as const),
    );
    return Object.fromEntries(effects);
  }

  async #runEffects(end: Omit<SessionEnd, "timers">, drafts: LooseDrafts): Promise<void> {
    for (const [at, effect] of this.#effects.entries()) {
      const own = Object.keys(effect.members).map((key) => [key, drafts[`effect${at} ${key}`]]);
      await effect.run(end, Object.fromEntries(own) as never);
    }
  }

  /** Puts away one that ended in a commit that could not: with its agent. */
  async #archive(known: ActiveSession, wait: WaitOptions): Promise<void> {
    const members = this.#files.members(known, Date.parse(known.endTime ?? ""));
    await this.#commit("archive session", members, wait, (_, file, drafts) => {
      const session = file.value.sessions[known.sessionId] as ActiveSession | undefined;
      if (session?.endTime !== known.endTime || session === undefined) return;
      delete file.draft.sessions[known.sessionId];
      this.#files.archive(drafts, session);
      this.#files.note(drafts, session, false);
    });
  }

  /** Changes a session that is open, and what hangs on it, in one commit. */
  async #touch(
    what: string,
    sessionId: string,
    options: SessionCallOptions,
    work: (session: ActiveSession, board: Board) => ActiveSession,
  ): Promise<ActiveSession> {
    const known = await this.get(sessionId);
    if (known === undefined) throw new TimeNotFoundError(what, sessionId);
    return this.#change(what, known, options, (board, file) => {
      const session = requireSession(what, file.value, sessionId, options);
      const changed = { ...work(session, board), lastActivity: this.#now() };
      file.draft.sessions[sessionId] = changed;
      return changed;
    });
  }

  #change(
    what: string,
    session: ActiveSession,
    wait: WaitOptions,
    work: (board: Board, file: SessionsDraft) => ActiveSession,
  ): Promise<ActiveSession> {
    return this.#commit(what, this.#files.members(session), wait, (board, file, drafts) => {
      const changed = work(board, file);
      this.#files.note(drafts, changed, true);
      return changed;
    });
  }

  async #commit<R>(what: string, members: StoreMembers, wait: WaitOptions, work: Work<R>): Promise<R> {
    const { book, store } = this.#time;
    const { value } = await store.transact(
      { ...book.members, ...members } as StoreMembers,
      async (typed) => {
        const drafts = typed as LooseDrafts;
        const open = await book.open(drafts);
        const board = new Board(open.view, await this.#time.rules());
        const file = drafts["sessions"] as SessionsDraft;
        const { value: outcome, finish } = board.begin(what, undefined, () => work(board, file, drafts));
        const done = await outcome;
        const record = finish();
        if (record.changes.length > 0) open.write([record]);
        return done;
      },
      waitOf(wait),
    );
    return value;
  }

  #now(): string {
    return new Date(instantOf(this.#time.clock).wallMs).toISOString();
  }
}

function timersOf(board: Board, { sessionId }: ActiveSession): readonly Timer[] {
  return board.timers.filter((timer) => timer.sessionId === sessionId);
}

function sessionOf(
  { sessions }: DeepReadonly<ActiveSessionsFile>,
  sessionId: string,
): ActiveSession | undefined {
  const session = Object.hasOwn(sessions, sessionId) ? (sessions[sessionId] as ActiveSession) : undefined;
  return session?.endTime === undefined ? session : undefined;
}

function requireSession(
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

function checkOwner(attempt: string, session: ActiveSession, options: SessionCallOptions): void {
  if (options.instanceId !== undefined && options.instanceId !== session.instanceId)
    throw new TimerOwnerError(attempt, session.instanceId);
}

function waitOf({ timeoutMs, signal }: WaitOptions): WaitOptions {
  return { timeoutMs, signal };
}
