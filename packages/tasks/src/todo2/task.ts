/** exarp's tasks, in its database and in its `state.todo2.json`. Instants of claims are Unix seconds, as it stores them. */

export type Todo2Status = "Todo" | "In Progress" | "Review" | "Done" | "Cancelled" | "Blocked";

export type Todo2Priority = "low" | "medium" | "high" | "critical";

/** One task. */
export interface Todo2Task {
  /** `T-<n>`. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly content: string;
  readonly long_description?: string | undefined;
  readonly status: string;
  readonly priority?: string | undefined;
  readonly tags: readonly string[];
  /** Ids of tasks that must be done first. */
  readonly dependencies: readonly string[];
  readonly estimated_hours?: number | undefined;
  readonly actual_hours?: number | undefined;
  readonly project_id?: string | undefined;
  readonly parent_id?: string | undefined;
  /** Whose task it is in the long run; `assignee` is who works on it now. */
  readonly assigned_to?: string | undefined;
  readonly host?: string | undefined;
  readonly agent?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly completed: boolean;
  /** ISO 8601. */
  readonly created: string;
  readonly last_modified?: string | undefined;
  readonly completed_at?: string | undefined;
  /** Grows by one with every write, renewals included. */
  readonly version: number;
  readonly assignee?: string | undefined;
  readonly assigned_at?: number | undefined;
  /** The claim holds until this second begins. */
  readonly lock_until?: number | undefined;
}

/** What a task may be given. `undefined` removes a field. */
export type Todo2Fields = {
  readonly [
    K in Exclude<
      keyof Todo2Task,
      "id" | "version" | "assignee" | "assigned_at" | "lock_until" | "created" | "completed" | "last_modified"
    >
  ]?: Todo2Task[K] | undefined;
};

export interface NewTodo2Task extends Todo2Fields {
  /** Default: `T-<n>` after the highest there is. */
  readonly id?: string | undefined;
  readonly content: string;
}

/** Which tasks are wanted: those that match all that is given. */
export interface Todo2Filter {
  readonly status?: string | readonly string[] | undefined;
  readonly assignee?: string | undefined;
  readonly tag?: string | undefined;
  readonly parent_id?: string | undefined;
  readonly project_id?: string | undefined;
}

/** What exarp's comments are. */
export interface Todo2Comment {
  readonly id: string;
  readonly task_id: string;
  readonly type: "research_with_links" | "result" | "note" | "manualsetup";
  readonly content: string;
  /** ISO 8601. */
  readonly created: string;
}

export const claimableStatuses: readonly string[] = ["Todo", "In Progress"];

/** Ids that can be a part of a file name and of SQL without a second thought. */
export function checkTodo2Id(id: unknown): string {
  if (typeof id === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) return id;
  throw new TypeError("id must be a string of letters, digits, dots, dashes and underscores, such as T-7");
}

/** An id to look for: there may be odd ones in the file, but no other types. What is none could say another at each look. */
export function checkIsText(id: unknown): void {
  if (typeof id !== "string")
    throw new TypeError(`id must be a string, got ${id === null ? "null" : typeof id}`);
}

export const doneStatuses: readonly string[] = ["Done", "Cancelled"];
