import type { LeaseRecord } from "@flockwork/core";

/**
 * One line of `.beads/issues.jsonl`: an issue, as `bd` writes it. Fields of every version of bd are named here; what is not
 * named is kept all the same, byte for byte.
 *
 * An integer past 2^53 is read as a bigint, whatever field another tool wrote it to: sort and filter by the functions of this
 * package, which take it for the nearest number.
 *
 * Issues that were read are shared with everyone who read them: do not change them.
 */
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
  /** 0 (critical) to 4. Always written, even when 0; lines of some old versions lack it, which means 0. */
  readonly priority?: number | undefined;
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
  readonly compaction_level?: number | undefined;
  readonly compacted_at?: Instant | undefined;
  readonly compacted_at_commit?: string | undefined;
  readonly original_size?: number | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly dependencies?: readonly Dependency[] | undefined;
  readonly comments?: readonly Comment[] | undefined;
  /** bd up to 0.50 marks deleted issues so, with the status `tombstone`; they survive a round trip. */
  readonly deleted_at?: Instant | undefined;
  readonly deleted_by?: string | undefined;
  readonly delete_reason?: string | undefined;
  readonly original_type?: string | undefined;
  readonly sender?: string | undefined;
  readonly ephemeral?: boolean | undefined;
  /** What some versions wrote for `ephemeral`. */
  readonly wisp?: boolean | undefined;
  readonly no_history?: boolean | undefined;
  readonly wisp_type?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly is_template?: boolean | undefined;
  readonly bonded_from?: readonly BondReference[] | undefined;
  readonly creator?: EntityReference | undefined;
  readonly validations?: readonly Validation[] | undefined;
  readonly quality_score?: number | undefined;
  readonly crystallizes?: boolean | undefined;
  readonly await_type?: string | undefined;
  readonly await_id?: string | undefined;
  /** Nanoseconds; a bigint where a number cannot hold them. */
  readonly timeout?: number | bigint | undefined;
  readonly waiters?: readonly string[] | undefined;
  readonly holder?: string | undefined;
  readonly source_formula?: string | undefined;
  readonly source_location?: string | undefined;
  readonly hook_bead?: string | undefined;
  readonly role_bead?: string | undefined;
  readonly agent_state?: string | undefined;
  readonly last_activity?: Instant | undefined;
  readonly role_type?: string | undefined;
  readonly rig?: string | undefined;
  readonly mol_type?: string | undefined;
  readonly work_type?: string | undefined;
  readonly event_kind?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly payload?: string | undefined;
  /** Counted by today's bd when it exports. */
  readonly dependency_count?: number | undefined;
  readonly dependent_count?: number | undefined;
  readonly comment_count?: number | undefined;
  readonly parent?: string | undefined;
  /** Ours: the lease of a claim. Other tools pass over it, or drop it; see `claim`. */
  readonly flockwork_lease?: LeaseRecord | undefined;
  /** What this version does not know is kept, byte for byte. */
  readonly [field: string]: unknown;
}

/** RFC 3339 with up to nine fraction digits. Compare parsed instants (`compareInstants`), never the text. */
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
  readonly [field: string]: unknown;
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
  readonly [field: string]: unknown;
}

/** Where a compound issue came from. */
export interface BondReference {
  readonly source_id: string;
  readonly bond_type: string;
  readonly bond_point?: string | undefined;
  readonly [field: string]: unknown;
}

/** Somebody, in bd up to 0.50. */
export interface EntityReference {
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
  readonly org?: string | undefined;
  readonly id?: string | undefined;
  readonly [field: string]: unknown;
}

/** A judgement of an issue, in bd up to 0.50. */
export interface Validation {
  readonly validator?: EntityReference | null | undefined;
  readonly outcome: string;
  readonly timestamp: Instant;
  readonly score?: number | undefined;
  readonly [field: string]: unknown;
}
