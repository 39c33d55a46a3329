/** What can be asked of a list of tasks. Pure: nothing is read or changed. */
import { dependencyOrder } from "../graph.ts";
import { isSettled, normalizeStatus, rankOf } from "./status.ts";
import type { FlowForgeTask, TaskId, TaskPriority } from "./task.ts";

/** Which tasks are wanted: those that match all that is given. */
export interface TaskFilter {
  /** In either spelling. */
  readonly status?: string | readonly string[] | undefined;
  readonly priority?: TaskPriority | readonly TaskPriority[] | undefined;
  readonly assignee?: string | undefined;
  /** Tasks that have this tag. */
  readonly tag?: string | undefined;
  readonly milestone?: string | undefined;
  readonly billable?: boolean | undefined;
  readonly client?: string | undefined;
}

/** What a list of tasks amounts to. */
export interface TaskStatistics {
  readonly total: number;
  /** By status without its spelling. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byPriority: Readonly<Record<string, number>>;
  /** Settled tasks per hundred; 0 for an empty list. */
  readonly settledPercent: number;
  readonly ready: number;
  readonly estimatedHours: number;
  readonly actualHours: number;
}

type Tasks = readonly FlowForgeTask[];

export function filterTasks(tasks: Tasks, filter: TaskFilter = {}): Tasks {
  const statuses = filter.status === undefined ? undefined : listOf(filter.status).map(normalizeStatus);
  const priorities = filter.priority === undefined ? undefined : listOf(filter.priority);
  return tasks.filter(
    (task) =>
      (statuses?.includes(normalizeStatus(task.status)) ?? true) &&
      (priorities?.includes(task.priority ?? "medium") ?? true) &&
      (filter.assignee === undefined || task.assignee === filter.assignee) &&
      (filter.tag === undefined || (task.tags ?? []).includes(filter.tag)) &&
      (filter.milestone === undefined || task.milestone === filter.milestone) &&
      (filter.billable === undefined || (task.billing?.billable ?? false) === filter.billable) &&
      (filter.client === undefined || task.billing?.client === filter.client),
  );
}

/** Ids that a task waits for: dependencies that are not settled, or are missing. */
export function blockersOf(task: FlowForgeTask, byId: ReadonlyMap<string, FlowForgeTask>): readonly TaskId[] {
  return (task.dependencies ?? []).filter((id) => {
    const other = byId.get(String(id));
    return other === undefined || !isSettled(other);
  });
}

/** Tasks that can be begun: pending, and waiting for nothing. The most urgent first, then as they stand in the file. */
export function readyTasks(tasks: Tasks): Tasks {
  const byId = byIdOf(tasks);
  return tasks
    .filter((task) => normalizeStatus(task.status) === "pending" && blockersOf(task, byId).length === 0)
    .toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** Open tasks in an order in which they can be done: the most urgent first, but each after what it waits for. */
export function implementationOrder(tasks: Tasks): Tasks {
  const byId = byIdOf(tasks);
  const open = tasks.filter((task) => !isSettled(task)).toSorted((a, b) => rankOf(a) - rankOf(b));
  const ids = dependencyOrder(
    open.map(({ id }) => String(id)),
    (id) => (byId.get(id)?.dependencies ?? []).map(String),
  );
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export function statisticsOf(tasks: Tasks): TaskStatistics {
  const sum = (field: "estimatedHours" | "actualHours"): number =>
    tasks.reduce((total, task) => total + (Number.isFinite(task[field]) ? (task[field] ?? 0) : 0), 0);
  const settled = tasks.filter(isSettled).length;
  return {
    total: tasks.length,
    byStatus: count(tasks.map(({ status }) => normalizeStatus(status))),
    byPriority: count(tasks.map(({ priority }) => priority ?? "medium")),
    settledPercent: tasks.length === 0 ? 0 : (100 * settled) / tasks.length,
    ready: readyTasks(tasks).length,
    estimatedHours: sum("estimatedHours"),
    actualHours: sum("actualHours"),
  };
}

export function byIdOf(tasks: Tasks): ReadonlyMap<string, FlowForgeTask> {
  return new Map(tasks.map((task) => [String(task.id), task]));
}

function count(values: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
