import { TaskFormatError } from "../errors.ts";
import { normalizeStatus } from "../flowforge/status.ts";
import type { FlowForgeTask, MicrotaskEntry } from "../flowforge/task.ts";
import {
  idOf,
  isFields,
  listOf,
  lossesOf,
  originOf,
  ownFields,
  textOf,
  withOrigin,
  without,
  type Fields,
  type Imported,
  type Loss,
} from "./exchange.ts";

const format = "task-master";
const toOurs: Readonly<Record<string, string>> = {
  done: "completed",
  deferred: "paused",
  review: "in_progress",
};
const toTheirs: Readonly<Record<string, string>> = {
  completed: "done",
  paused: "deferred",
  in_progress: "in-progress",
};
const shared = ["id", "title", "description", "status", "priority", "dependencies", "subtasks", "metadata"];
const mapped = ["id", "title", "description", "status", "priority", "dependencies", "microtasks"];

/** task-master's `tasks.json`. */
export interface TaskMasterFile {
  readonly [tag: string]: { readonly tasks: readonly Fields[]; readonly metadata?: Fields | undefined };
}

/**
 * Tasks of task-master's `tasks.json`, as JSON: of one of its tagged lists, or of the untagged file of former versions.
 * @param options.tag - Which list. Default `master`, or the only one.
 * @throws {TaskFormatError} `ERR_TASK_FORMAT`: it is not such a file, or has no such list.
 */
export function fromTaskMaster(file: unknown, options: { readonly tag?: string | undefined } = {}): Imported {
  const losses: Loss[] = [];
  const tasks = listIn(file, options.tag).map((entry) => {
    const id = idOf(entry["id"]);
    const status = textOf(entry["status"]) ?? "pending";
    const metadata = isFields(entry["metadata"]) ? entry["metadata"] : {};
    const aside = {
      ...without(entry, shared),
      ...(Object.hasOwn(toOurs, status) && status === "review" ? { status } : {}),
    };
    const rest = without(metadata, ["flowforge"]);
    if (Object.keys(rest).length > 0) Object.assign(aside, { metadata: rest });
    losses.push(...lossesOf(String(id), Object.keys(aside), "aside", "FlowForge has no such field"));
    const task: FlowForgeTask = {
      id,
      title: textOf(entry["title"]) ?? "",
      description: textOf(entry["description"]),
      status: Object.hasOwn(toOurs, status) ? toOurs[status] : normalizeStatus(status),
      priority: priorityOf(entry["priority"]),
      dependencies: listOf(entry["dependencies"]).map(idOf),
      microtasks: listOf(entry["subtasks"]).filter(isFields).map(toMicrotask),
      ...(isFields(metadata["flowforge"]) ? without(metadata["flowforge"], mapped) : {}),
    };
    return withOrigin(defined(task), format, aside);
  });
  return { tasks, losses };
}

/** The tasks as one of task-master's tagged lists. Fields that it does not have go into its `metadata`. */
export function toTaskMaster(
  tasks: readonly FlowForgeTask[],
  options: { readonly tag?: string | undefined } = {},
): { readonly file: TaskMasterFile; readonly losses: readonly Loss[] } {
  const losses: Loss[] = [];
  const entries = tasks.map((task) => {
    const id = String(task.id);
    const origin = originOf(task, format);
    const own = without(task, [...mapped, ...ownFields]);
    if (task.claim !== undefined)
      losses.push(...lossesOf(id, ["claim"], "lost", "claims are FlowForge's alone"));
    losses.push(
      ...lossesOf(id, Object.keys(own), "aside", "task-master keeps it in metadata and does not use it"),
    );
    const metadata = {
      ...(isFields(origin["metadata"]) ? origin["metadata"] : {}),
      ...(Object.keys(own).length === 0 ? {} : { flowforge: own }),
    };
    const status = normalizeStatus(task.status);
    if (task.priority === "critical")
      losses.push(...lossesOf(id, ["priority"], "changed", "task-master's highest is high"));
    return {
      ...without(origin, ["metadata", "status"]),
      id: task.id,
      title: task.title ?? "",
      description: task.description ?? "",
      status:
        status === "in_progress" ? (textOf(origin["status"]) ?? "in-progress") : (toTheirs[status] ?? status),
      priority: task.priority === "critical" ? "high" : (task.priority ?? "medium"),
      dependencies: task.dependencies ?? [],
      subtasks: (task.microtasks ?? []).map(toSubtask),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    };
  });
  return { file: { [options.tag ?? "master"]: { tasks: entries } }, losses };
}

function listIn(file: unknown, tag: string | undefined): readonly Fields[] {
  const refuse = (why: string): never => {
    throw new TaskFormatError("The file", `${why}: expected task-master's tasks.json`);
  };
  if (!isFields(file)) return refuse("is no JSON object");
  const lists = Object.entries(file).filter(([, each]) => isFields(each) && Array.isArray(each["tasks"]));
  const plain = Array.isArray(file["tasks"]) ? file : undefined;
  const chosen =
    tag ?? (Object.hasOwn(file, "master") ? "master" : lists.length === 1 ? lists[0]?.[0] : undefined);
  const found =
    tag === undefined && plain !== undefined ? plain : lists.find(([name]) => name === chosen)?.[1];
  if (!isFields(found))
    return refuse(chosen === undefined ? "has several lists and no tag was given" : `has no list ${chosen}`);
  const entries = listOf(found["tasks"]);
  return entries.every((each) => isFields(each) && each["id"] !== undefined)
    ? (entries as readonly Fields[])
    : refuse("has tasks without ids");
}

function toMicrotask(subtask: Fields): MicrotaskEntry {
  const { status, ...rest } = subtask;
  return {
    ...rest,
    completed: status === "done",
    ...(status === "done" || status === "pending" ? {} : { status }),
  } as MicrotaskEntry;
}

function toSubtask(microtask: string | MicrotaskEntry, at: number): Fields {
  if (typeof microtask === "string")
    return { id: at + 1, title: microtask, status: "pending", dependencies: [] };
  const { completed, ...rest } = microtask as MicrotaskEntry & { readonly status?: string };
  return { id: at + 1, status: completed === true ? "done" : "pending", ...rest };
}

function priorityOf(value: unknown): FlowForgeTask["priority"] {
  return ["critical", "high", "medium", "low"].find((each) => each === value) as FlowForgeTask["priority"];
}

/** Without fields that are undefined: JSON has none. */
function defined(task: FlowForgeTask): FlowForgeTask {
  return without(task, []) as unknown as FlowForgeTask;
}
