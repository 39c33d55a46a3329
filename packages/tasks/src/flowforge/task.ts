/**
 * The tasks of FlowForge v2's `.flowforge/tasks.json`. Fields that are not listed here are kept; those that are may be
 * missing in files that scripts wrote.
 */
import type { LeaseRecord } from "@flockwork/core";

/** Whole numbers in FlowForge's own files; providers use strings. `7` and `"7"` name one task. */
export type TaskId = number | string;

/** One task. */
export interface FlowForgeTask {
  readonly id: TaskId;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** As it stands in the file, in either spelling: see {@link normalizeStatus}. */
  readonly status?: string | undefined;
  readonly priority?: TaskPriority | undefined;
  readonly assignee?: string | undefined;
  readonly estimatedHours?: number | undefined;
  readonly actualHours?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly githubIssue?: number | undefined;
  /** ISO 8601, as all instants here. */
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
  readonly completedAt?: string | undefined;
  readonly microtasks?: readonly Microtask[] | undefined;
  /** Ids of tasks that must be settled first. */
  readonly dependencies?: readonly TaskId[] | undefined;
  readonly billing?: TaskBilling | undefined;
  readonly milestone?: string | undefined;
  /** Who works on it, and until when. Ours: FlowForge's scripts keep it and know nothing of it. */
  readonly claim?: LeaseRecord | undefined;
}

/** The states of a task. Some come from FlowForge's providers only; `in-progress` is read as `in_progress`. */
export type TaskStatus =
  | "pending"
  | "todo"
  | "ready"
  | "in_progress"
  | "review"
  | "blocked"
  | "paused"
  | "completed"
  | "cancelled";

export type TaskPriority = "critical" | "high" | "medium" | "low";

/** A small step of a task: a text, or an object whose fields are the scripts' own. */
export type Microtask = string | MicrotaskEntry;

export interface MicrotaskEntry {
  readonly id?: TaskId | undefined;
  readonly title?: string | undefined;
  readonly completed?: boolean | undefined;
}

/** What is billed for a task, and to whom. */
export interface TaskBilling {
  readonly billable?: boolean | undefined;
  /** Per hour, in the currency of the client. */
  readonly rate?: number | undefined;
  readonly client?: string | undefined;
  readonly category?: string | undefined;
  readonly invoiced?: boolean | undefined;
  readonly invoiceId?: string | undefined;
}

/** A milestone, under its key. */
export interface Milestone {
  readonly key: string;
  readonly status?: string | undefined;
  readonly version?: string | undefined;
  readonly name?: string | undefined;
  readonly completed?: number | undefined;
  readonly total?: number | undefined;
}

/** The whole file. Variants have `milestones` as a list or a map, or a `current_milestone` in its place. */
export interface FlowForgeTaskFile {
  readonly tasks: readonly FlowForgeTask[];
  readonly milestones?: readonly unknown[] | Readonly<Record<string, unknown>> | undefined;
  readonly current_milestone?: Readonly<Record<string, unknown>> | undefined;
  readonly timeSessions?: Readonly<Record<string, unknown>> | undefined;
  /** May hold an `implementation_order`, or a `<version>_implementation_order`: ids, what is to be done first first. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly lastUpdated?: string | undefined;
  readonly version?: string | undefined;
}

/** What a task may be given. `undefined` removes a field. */
export type TaskFields = Omit<FlowForgeTask, "id" | "claim"> & { readonly [field: string]: unknown };

/** A change as FlowForge's scripts give it: the id, and the fields to set. */
export type TaskUpdate = FlowForgeTask | ({ readonly id: TaskId } & { readonly [field: string]: unknown });
