/** What can be asked of a list of tasks. Pure: nothing is read or changed. */
import { dependencyOrder } from "../graph.ts";
import { isIdle, isSettled, normalizeStatus, rankOf } from "./status.ts";
import type { FlowForgeTask, FlowForgeTaskFile, TaskId, TaskPriority } from "./task.ts";
import { inWords } from "../in-words.ts";

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

/** A file of tasks, as far as their order goes. */
export type TaskList = Pick<FlowForgeTaskFile, "tasks" | "metadata">;

export function filterTasks(tasks: Tasks, filter: TaskFilter = {}): Tasks {
  const statuses = filter.status === undefined ? undefined : listOf(filter.status).map(normalizeStatus);
  const priorities = filter.priority === undefined ? undefined : listOf(filter.priority);
  return tasks.filter(
    (task) =>
      (statuses?.includes(normalizeStatus(task.status)) ?? true) &&
      (priorities?.includes(task.priority ?? "medium") ?? true) &&
      (filter.assignee === undefined || task.assignee === filter.assignee) &&
      (filter.tag === undefined || (Array.isArray(task.tags) && task.tags.includes(filter.tag))) &&
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

/** Tasks that can be begun: idle, and waiting for nothing. In the order of the file's plan, then the most urgent first. */
export function readyTasks(file: TaskList): Tasks {
  const byId = byIdOf(file.tasks);
  return file.tasks
    .filter((task) => isIdle(task) && blockersOf(task, byId).length === 0)
    .toSorted(byPlanOf(file));
}

/** Open tasks in an order in which they can be done: as planned, the most urgent first, but each after what it waits for. */
export function implementationOrder(file: TaskList): Tasks {
  const byId = byIdOf(file.tasks);
  const open = file.tasks.filter((task) => !isSettled(task)).toSorted(byPlanOf(file));
  const ids = dependencyOrder(
    open.map(({ id }) => String(id)),
    (id) => (byId.get(id)?.dependencies ?? []).map(String),
  );
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** What the file says is to be done before what else: its implementation order, then priorities. */
function byPlanOf({ metadata }: TaskList): (a: FlowForgeTask, b: FlowForgeTask) => number {
  const isPlan = ([key, value]: readonly [string, unknown]): boolean =>
    /(^|_)implementation_order$/.test(key) && Array.isArray(value);
  const [, ids = []] = Object.entries(metadata ?? {}).findLast(isPlan) ?? [];
  const places = new Map((ids as readonly unknown[]).map((id, at) => [inWords(id), at]));
  const placeOf = ({ id }: FlowForgeTask): number => places.get(String(id)) ?? places.size;
  return (a, b) => placeOf(a) - placeOf(b) || rankOf(a) - rankOf(b);
}

export function statisticsOf(tasks: Tasks): TaskStatistics {
  const sum = (field: "estimatedHours" | "actualHours"): number =>
    tasks.reduce((total, task) => total + (Number.isFinite(task[field]) ? (task[field] ?? 0) : 0), 0);
  const settled = tasks.filter(isSettled).length;
  return {
    total: tasks.length,
    byStatus: count(tasks.map(({ status }) => normalizeStatus(status))),
    byPriority: count(tasks.map(({ priority }) => inWords(priority ?? "medium"))),
    settledPercent: tasks.length === 0 ? 0 : (100 * settled) / tasks.length,
    ready: readyTasks({ tasks }).length,
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
