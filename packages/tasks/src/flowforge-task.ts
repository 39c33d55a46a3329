/** One task of `.flowforge/tasks.json`. */
export interface FlowForgeTask {
  readonly id: number;
  readonly title: string;
  readonly description?: string | undefined;
  readonly status: FlowForgeTaskStatus;
  readonly priority: "critical" | "high" | "medium" | "low";
  readonly assignee?: string | undefined;
  readonly estimatedHours?: number | undefined;
  readonly actualHours?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly githubIssue?: number | undefined;
  readonly createdAt: string;
  readonly updatedAt?: string | undefined;
  readonly completedAt?: string | undefined;
  readonly microtasks: readonly unknown[];
  /** Ids of tasks that must be completed first. */
  readonly dependencies: readonly number[];
  readonly billing?: TaskBilling | undefined;
}

/** `in-progress` is read as `in_progress`; `paused` comes from providers. */
export type FlowForgeTaskStatus =
  | "pending"
  | "in_progress"
  | "in-progress"
  | "blocked"
  | "completed"
  | "cancelled"
  | "paused";

export interface TaskBilling {
  readonly billable: boolean;
  readonly rate?: number | undefined;
  readonly client?: string | undefined;
  readonly category?: string | undefined;
}

/** `.flowforge/tasks.json`. A file that is not JSON is refused, never overwritten. */
export interface FlowForgeTaskFile {
  readonly tasks: readonly FlowForgeTask[];
  readonly milestones: readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly timeSessions: Readonly<Record<string, unknown>>;
  readonly lastUpdated: string;
  readonly version: string;
}
