import { isProcessIdentity, type DocumentSpec, type ProcessIdentity } from "@flockwork/core";
import { isObject } from "../arguments.ts";
import { readInstant } from "../variants/native-time.ts";

/** Where a session stands. Of other programs it may be any text. */
export type SessionStatus = "active" | "paused" | "closed" | "dead";

/** One program at work for a developer: a record of `.flowforge/sessions/active-sessions.json`. */
export interface ActiveSession {
  readonly sessionId: string;
  readonly taskId: string;
  readonly developerId: string;
  readonly instanceId: string;
  readonly pid: number;
  readonly hostname: string;
  /** ISO 8601, UTC. */
  readonly startTime: string;
  readonly lastActivity: string;
  readonly status: string;
  readonly taskTitle?: string | undefined;
  readonly branch?: string | undefined;
  readonly pausedAt?: string | undefined;
  /** What tells its process from another one with the same pid. Missing in records of other programs. */
  readonly process?: ProcessIdentity | undefined;
  /** Set once it is over, in the archive, or until it is there: when, and why. */
  readonly endTime?: string | undefined;
  readonly endReason?: string | undefined;
}

/** Where sessions and their files lie. */
export const sessionsDirectory = ".flowforge/sessions";
export const activeFile: string = `${sessionsDirectory}/active-sessions.json`;

/** `.flowforge/sessions/active-sessions.json`. */
export interface ActiveSessionsFile {
  version: 1;
  sessions: Record<string, ActiveSession>;
}

/** When a session was last heard of. Other programs say it in Unix seconds, too, or not at all: then undefined. */
export function lastActivityMs({ lastActivity }: ActiveSession): number | undefined {
  return readInstant(lastActivity);
}

/** The instant that a text tells. Of what other programs wrote, it may be none: then undefined. */
export function textMs(text: unknown): number | undefined {
  const ms = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Checks what matters here, and accepts whatever else there is. */
export const sessionsSchema: NonNullable<DocumentSpec<ActiveSessionsFile>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const faults: { message: string; path: string[] }[] = [];
      const sessions = isObject(value) ? value["sessions"] : undefined;
      if (!isObject(sessions)) faults.push({ message: "sessions must be an object", path: ["sessions"] });
      else
        for (const [id, session] of Object.entries(sessions))
          if (!isObject(session) || !isSession(session))
            faults.push({ message: `${id} is no session`, path: ["sessions", id] });
      return faults.length === 0 ? { value: value as unknown as ActiveSessionsFile } : { issues: faults };
    },
  },
};

function isSession({
  sessionId,
  instanceId,
  pid,
  hostname,
  process,
}: Readonly<Record<string, unknown>>): boolean {
  return (
    (process === undefined || isProcessIdentity(process)) &&
    [sessionId, instanceId, hostname].every((each) => typeof each === "string") &&
    Number.isSafeInteger(pid)
  );
}
