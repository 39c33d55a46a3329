/** One file of a jit repository: `.jit/issues/<uuid>.json`. */
export interface JitIssue {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly state: "backlog" | "ready" | "in_progress" | "gated" | "done" | "rejected" | "archived";
  readonly priority: "low" | "normal" | "high" | "critical";
  /** `type:id`. */
  readonly assignee: string | null;
  readonly dependencies: readonly string[];
  readonly gates_required: readonly string[];
  readonly gates_status: Readonly<Record<string, JitGateStatus>>;
  readonly context: Readonly<Record<string, string>>;
  /** `namespace:value`. */
  readonly labels: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface JitGateStatus {
  readonly status: "pending" | "passed" | "failed";
  readonly updated_by: string | null;
  readonly updated_at: string;
}

/** A lease in jit's `claims.jsonl`. */
export interface JitLease {
  readonly lease_id: string;
  /** The full id; short ones are resolved before they are written. */
  readonly issue_id: string;
  readonly agent_id: string;
  readonly worktree_id: string;
  readonly branch: string;
  /** Seconds; 0 means until released. */
  readonly ttl_secs: number;
  readonly acquired_at: string;
  readonly expires_at: string | null;
  readonly last_beat: string;
  readonly stale: boolean;
}
