/** One line of `.beads/issues.jsonl`: an issue, as `bd` writes it. */
export interface Issue {
  /** `<prefix>-<3 to 8 characters, base 36>`; children append `.1`, `.2`, …, at most three deep. */
  readonly id: string;
  /** 1 to 500 characters. */
  readonly title: string;
  readonly description?: string | undefined;
  readonly design?: string | undefined;
  readonly acceptance_criteria?: string | undefined;
  readonly notes?: string | undefined;
  readonly spec_id?: string | undefined;
  /** Absent means `open`. */
  readonly status?: IssueStatus | undefined;
  /** 0 (critical) to 4. Always written, even when 0. */
  readonly priority: number;
  readonly issue_type?: IssueType | undefined;
  readonly assignee?: string | undefined;
  readonly owner?: string | undefined;
  readonly estimated_minutes?: number | null | undefined;
  readonly created_at: Instant;
  readonly created_by?: string | undefined;
  /** Strictly later after every change: other tools decide by it who is newer. */
  readonly updated_at: Instant;
  readonly started_at?: Instant | undefined;
  /** Set exactly while the status is `closed`. */
  readonly closed_at?: Instant | undefined;
  readonly close_reason?: string | undefined;
  readonly closed_by_session?: string | undefined;
  readonly due_at?: Instant | undefined;
  readonly defer_until?: Instant | undefined;
  readonly external_ref?: string | undefined;
  readonly source_system?: string | undefined;
  /** Any JSON value. Kept as it is. */
  readonly metadata?: unknown;
  readonly labels?: readonly string[] | undefined;
  readonly dependencies?: readonly Dependency[] | undefined;
  readonly comments?: readonly Comment[] | undefined;
  /** bd up to 0.50 marks deleted issues so; they survive a round trip. */
  readonly deleted_at?: Instant | undefined;
  readonly deleted_by?: string | undefined;
  readonly delete_reason?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly ephemeral?: boolean | undefined;
  readonly is_template?: boolean | undefined;
  /** What this version does not know is kept, byte for byte. */
  readonly [field: string]: unknown;
}

/** RFC 3339 with up to nine fraction digits. Compare parsed instants, never the text. */
export type Instant = string;

/** `tombstone` is written by bd up to 0.50; a repository may define more, matching `^[a-z][a-z0-9_-]*$`. */
export type IssueStatus =
  | "open"
  | "in_progress"
  | "blocked"
  | "deferred"
  | "closed"
  | "pinned"
  | "hooked"
  | "tombstone"
  | (string & {});

/** What kind of work an issue is. Unknown kinds are kept. */
export type IssueType =
  | "bug"
  | "feature"
  | "task"
  | "epic"
  | "chore"
  | "decision"
  | "message"
  | "molecule"
  | "gate"
  | "spike"
  | "story"
  | "milestone"
  | "event"
  | (string & {});

/** A directed link from one issue to another. */
export interface Dependency {
  readonly issue_id: string;
  readonly depends_on_id: string;
  readonly type: DependencyType;
  readonly created_at: Instant;
  readonly created_by?: string | undefined;
  /** JSON, as text. */
  readonly metadata?: string | undefined;
  readonly thread_id?: string | undefined;
}

/** The first four decide what is ready to be worked on; the others inform. */
export type DependencyType =
  | "blocks"
  | "parent-child"
  | "conditional-blocks"
  | "waits-for"
  | "related"
  | "discovered-from"
  | "replies-to"
  | "relates-to"
  | "duplicates"
  | "supersedes"
  | "authored-by"
  | "assigned-to"
  | "approved-by"
  | "attests"
  | "tracks"
  | "until"
  | "caused-by"
  | "validates"
  | "delegated-from"
  | (string & {});

/** A comment on an issue. */
export interface Comment {
  /** A 64-bit integer in bd up to 0.49 (a bigint where a number cannot hold it), a UUIDv7 in later ones. */
  readonly id: number | bigint | string;
  readonly issue_id: string;
  readonly author: string;
  readonly text: string;
  readonly created_at: Instant;
}
