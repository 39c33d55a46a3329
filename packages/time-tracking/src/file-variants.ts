/** Sessions by task, durations in seconds: what the ETA provider writes. */
export interface SecondsVariant {
  readonly sessions: Readonly<
    Record<
      string,
      {
        readonly total_seconds: number;
        readonly last_updated: string;
        readonly sessions: readonly {
          readonly start: string;
          readonly end: string;
          readonly duration: number;
        }[];
      }
    >
  >;
}

/** Tasks at the top, durations in **hours** with two decimals: what `task-time.sh` writes. */
export type HoursVariant = Readonly<Record<string, HoursTask>>;

export interface HoursTask {
  readonly status: "active" | "paused" | "closed" | "completed";
  readonly current_session: {
    /** An instant, or Unix seconds in older files. */
    readonly start: string | number;
    readonly user: string;
    readonly instance_id: string;
  } | null;
  readonly sessions: readonly {
    readonly start: string | number;
    readonly end: string | number;
    readonly user: string;
    readonly instance_id: string;
    readonly duration: number;
    readonly reason?: string | undefined;
  }[];
  readonly completed_at?: string | undefined;
  readonly total_hours?: number | undefined;
}

/** A list of sessions, durations in minutes: what the status line reads. */
export interface MinutesVariant {
  readonly sessions: readonly {
    readonly session_id: string;
    readonly issue_id: string;
    readonly start_time: string;
    readonly duration_minutes: number;
    readonly type: string;
  }[];
  readonly current_session?: {
    readonly session_id: string;
    readonly issue_id: string;
    readonly start_time: string;
    readonly elapsed_minutes: number;
    readonly is_active: boolean;
  };
}

/** `.flowforge/billing/time-tracking.json` as it is found. A writer keeps the variant of the file. */
export type TimeTrackingFile = SecondsVariant | HoursVariant | MinutesVariant;

/** `.flowforge/sessions/active-sessions.json`. */
export interface ActiveSessionsFile {
  readonly version: 1;
  readonly sessions: Readonly<Record<string, ActiveSession>>;
}

export interface ActiveSession {
  readonly sessionId: string;
  readonly taskId: string;
  readonly developerId: string;
  readonly instanceId: string;
  readonly pid: number;
  readonly hostname: string;
  readonly startTime: string;
  readonly lastActivity: string;
  readonly status: string;
}
