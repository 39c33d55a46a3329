/** The calls of FlowForge's time provider, by their names. */
import { randomBytes } from "node:crypto";
import { checkId } from "./arguments.ts";
import type { Verification } from "./billing/verify.ts";
import { TimeNotFoundError, TimerNotRunningError } from "./errors.ts";
import {
  amountsOf,
  type ProviderBilling,
  type ProviderSession,
  type ProviderStats,
} from "./provider-data.ts";
import { reportOf } from "./out/report.ts";
import type { TimeEntry, Timer } from "./time/entry.ts";
import { checkTimeZone } from "./time/local-day.ts";
import type { TimeTracking } from "./time-tracking.ts";
import { checkStoredIds } from "./stored-ids.ts";
import { endOf } from "./timers/make-entry.ts";
import { sessionOf } from "./timers/stop-timer.ts";
import type { TimerOptions } from "./time-options.ts";
import { instantOf } from "@flockwork/core";

/** One that a file says may be of any kind, as long as it can be looked up. @throws {TypeError} no string. */
function checkSessionId(sessionId: unknown): string {
  if (typeof sessionId !== "string") throw new TypeError("sessionId must be a string");
  return sessionId;
}

/** FlowForge's provider on the time of a project. */
export function flowforgeProvider(time: TimeTracking): FlowForgeProvider {
  return new FlowForgeProvider(time);
}

/** Made by {@link flowforgeProvider}. */
export class FlowForgeProvider {
  readonly #time: TimeTracking;

  constructor(time: TimeTracking) {
    this.#time = time;
  }

  /** Starts a timer under a new session id. Throws as `TimeTracking.start`. */
  async startSession(
    taskId: string | number,
    user: string,
    options: { readonly billable?: boolean | undefined } = {},
  ): Promise<ProviderSession> {
    const { now } = await this.#time.rules();
    const sessionId = `session-${Math.floor(now.wallMs / 1_000)}-${randomBytes(6).toString("hex")}`;
    await this.#time.start({ taskId: String(taskId), actorId: user, sessionId, billable: options.billable });
    return this.#require("start a session", sessionId);
  }

  /** @throws {TimeNotFoundError} no session of that id is open. @throws {TimerNotRunningError} it is paused. */
  async pauseSession(sessionId: string, reason?: string): Promise<ProviderSession> {
    return this.#change("pause", sessionId, (choice) => this.#time.pause({ ...choice, reason }));
  }

  /** @throws {TimeNotFoundError} no session of that id is open. @throws {TimerNotRunningError} it is not paused. */
  async resumeSession(sessionId: string): Promise<ProviderSession> {
    return this.#change("resume", sessionId, (choice) => this.#time.resume(choice));
  }

  /** @throws {TimeNotFoundError} no session of that id is open. */
  async endSession(sessionId: string): Promise<ProviderSession> {
    return this.#change("end", sessionId, (choice) => this.#time.stop(choice));
  }

  /** Undefined where there is none. */
  async getSession(sessionId: string): Promise<ProviderSession | undefined> {
    const wanted = checkSessionId(sessionId);
    return (await this.getSessions()).find((session) => session.sessionId === wanted);
  }

  /** All sessions, or those of a user. An entry without a session is one by itself. */
  async getSessions(user?: string): Promise<readonly ProviderSession[]> {
    const entries = await this.#time.entries({ actorId: user });
    const { timers } = await this.#time.view();
    const parts = new Map<string, { entries: TimeEntry[]; timer: Timer | undefined }>();
    for (const entry of entries) {
      const id = entry.sessionId ?? entry.id;
      const part = parts.get(id) ?? { entries: [], timer: undefined };
      part.entries.push(entry);
      parts.set(id, part);
    }
    for (const timer of timers) {
      if (user !== undefined && timer.actorId !== user) continue;
      const id = sessionOf(timer);
      parts.set(id, { entries: parts.get(id)?.entries ?? [], timer });
    }
    return [...parts].map(([sessionId, part]) => this.#session(sessionId, part.entries, part.timer));
  }

  async getSessionStats(user: string): Promise<ProviderStats> {
    const sessions = await this.getSessions(checkId("user", user));
    const totalDuration = sessions.reduce((sum, session) => sum + session.totalDuration, 0);
    return {
      user,
      totalSessions: sessions.length,
      activeSessions: sessions.filter(({ status }) => status === "active").length,
      totalDuration,
      billableTime: sessions.reduce((sum, { billableTime }) => sum + billableTime, 0),
      averageDuration: sessions.length === 0 ? 0 : Math.round(totalDuration / sessions.length),
    };
  }

  /** What is billable of a user, by local day. Days are `YYYY-MM-DD`, both included. */
  async getBillingData(
    user: string,
    options: {
      readonly startDate?: string | undefined;
      readonly endDate?: string | undefined;
      readonly timezone?: string | undefined;
    } = {},
  ): Promise<ProviderBilling> {
    const { startDate, endDate } = options;
    const timezone = checkTimeZone("timezone", options.timezone ?? this.#time.timeZone);
    const days = { from: startDate, through: endDate, timeZone: timezone };
    const entries = await this.#time.entries({ actorId: checkId("user", user) });
    const { rows, total } = reportOf(entries, { by: ["day"], ...days });
    return {
      user,
      startDate,
      endDate,
      timezone,
      totalTime: total.sumMs,
      billableTime: total.billableMs,
      amounts: amountsOf(entries, days),
      days: rows.map(({ key, sumMs, billableMs }) => ({
        date: key.day ?? "",
        totalTime: sumMs,
        billableTime: billableMs,
      })),
    };
  }

  /** Whether what is stored agrees with itself: seals, invoices, overlaps, records that cannot be read. */
  validateDataIntegrity(): Promise<Verification> {
    return this.#time.billing.verify();
  }

  /** Changes the timer of that session, and no other one of its actor. */
  async #change(
    what: string,
    sessionId: string,
    change: (choice: TimerOptions) => Promise<unknown>,
  ): Promise<ProviderSession> {
    const { actorId, taskId } = await this.#timer(what, sessionId);
    const { book } = this.#time;
    checkStoredIds(book.file, `the timer of session ${sessionId}`, { actorId, taskId, sessionId });
    try {
      await change({ actorId, taskId, sessionId });
    } catch (error) {
      // Somebody was faster, or an interrupted change was finished first: then there is no such session any more.
      if (error instanceof TimerNotRunningError) await this.#timer(what, sessionId);
      throw error;
    }
    return this.#require(what, sessionId);
  }

  async #timer(attempt: string, sessionId: string): Promise<Timer> {
    const wanted = checkSessionId(sessionId);
    const { timers } = await this.#time.view();
    const timer = timers.find((each) => sessionOf(each) === wanted);
    if (timer === undefined) throw new TimeNotFoundError(`${attempt} a session`, sessionId);
    return timer;
  }

  async #require(attempt: string, sessionId: string): Promise<ProviderSession> {
    const session = await this.getSession(sessionId);
    if (session === undefined) throw new TimeNotFoundError(`${attempt} a session`, sessionId);
    return session;
  }

  #session(sessionId: string, entries: readonly TimeEntry[], timer: Timer | undefined): ProviderSession {
    const first = entries[0] ?? timer;
    const last = entries.at(-1);
    const isRunning = timer?.state === "running";
    const runningMs = isRunning ? endOf(timer, instantOf(this.#time.clock)) - timer.startedAtMs : 0;
    const of = (list: readonly TimeEntry[]): number => list.reduce((sum, { workedMs }) => sum + workedMs, 0);
    const { billable = true, taskId = "", actorId = "", startedAtMs = 0 } = first ?? {};
    const billableMs = of(entries.filter((entry) => entry.billable)) + (billable ? runningMs : 0);
    return {
      sessionId,
      taskId,
      user: actorId,
      startTime: new Date(startedAtMs).toISOString(),
      endTime: timer === undefined && last !== undefined ? new Date(last.endedAtMs).toISOString() : null,
      totalDuration: of(entries) + runningMs,
      billableTime: billableMs,
      billable,
      status: timer === undefined ? "completed" : isRunning ? "active" : "paused",
    };
  }
}
