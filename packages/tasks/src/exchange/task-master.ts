import { TaskFormatError } from "../errors.ts";
import { normalizeStatus } from "../flowforge/status.ts";
import { isDone } from "../flowforge/microtasks.ts";
import { inWords } from "../in-words.ts";
import type { FlowForgeTask, Microtask, MicrotaskEntry } from "../flowforge/task.ts";
import {
  idOf,
  isFields,
  listOf,
  lossesOf,
  metadataOf,
  originOf,
  ownFields,
  ownIn,
  restored,
  textOf,
  unlike,
  withOrigin,
  withOwn,
  without,
  wordFor,
  type Fields,
  type Imported,
  type Loss,
} from "./exchange.ts";
import { readable } from "./readable.ts";

const format = "task-master";
const toTheirs: Readonly<Record<string, string>> = {
  pending: "pending",
  in_progress: "in-progress",
  review: "review",
  blocked: "blocked",
  paused: "deferred",
  completed: "done",
  cancelled: "cancelled",
};
const toOurs: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(toTheirs).map(([ours, theirs]) => [theirs, ours])),
  review: "in_progress", // FlowForge's own files have no review
};
/** Fields that both have, in some form. */
const mapped = ["id", "title", "description", "status", "priority", "dependencies"];
const shared = [...mapped, "subtasks", "metadata"];

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
    const task = taskOf(entry);
    const aside = {
      ...without(entry, shared),
      ...unlike(entry, entryOf(task), mapped),
      ...unlike(entry, entryOf(task), ["subtasks"]),
      metadata: metadataOf(entry["metadata"]),
    };
    losses.push(
      ...lossesOf(String(task.id), Object.keys(without(aside, [])), "aside", "FlowForge has no such field"),
    );
    return withOrigin(task, format, aside);
  });
  return { tasks, losses };
}

/** The tasks as one of task-master's tagged lists. Fields that it does not have go into its `metadata`. */
export function toTaskMaster(
  tasks: readonly FlowForgeTask[],
  options: { readonly tag?: string | undefined } = {},
): { readonly file: TaskMasterFile; readonly losses: readonly Loss[] } {
  const losses: Loss[] = [];
  const entries = tasks.map((given) => {
    const id = String(given.id);
    const { task, losses: changed } = readable(given, id, [...mapped, "microtasks"]);
    losses.push(...changed);
    const { metadata: kept, ...origin } = originOf(task, format);
    const own = without(task, [...mapped, "microtasks", ...ownFields]);
    if (task.claim !== undefined)
      losses.push(...lossesOf(id, ["claim"], "lost", "claims are FlowForge's alone"));
    losses.push(
      ...lossesOf(id, Object.keys(own), "aside", "task-master keeps it in metadata and does not use it"),
    );
    const metadata = withOwn(kept, own);
    const entry = entryOf(task);
    const back = restored(origin, entry, entryOf(taskOf({ id: task.id, ...origin })));
    for (const [field, was] of Object.entries({
      status: normalizeStatus(task.status),
      priority: task.priority,
    }))
      if (was !== undefined && !(field in back) && !knows(field, was))
        losses.push(
          ...lossesOf(id, [field], "changed", `task-master has no ${was}: it is ${inWords(entry[field])}`),
        );
    return { ...entry, ...back, ...(metadata === undefined ? {} : { metadata }) };
  });
  return { file: { [options.tag ?? "master"]: { tasks: entries } }, losses };
}

/** A task of theirs as one of ours, without what ours have no field for. */
function taskOf(entry: Fields): FlowForgeTask {
  const status = textOf(entry["status"]) ?? "pending";
  const task: FlowForgeTask = {
    id: idOf(entry["id"]),
    title: textOf(entry["title"]) ?? "",
    description: textOf(entry["description"]),
    status: wordFor(toOurs, status) ?? normalizeStatus(status),
    priority: priorityOf(entry["priority"]),
    dependencies: listOf(entry["dependencies"]).map(idOf),
    microtasks: listOf(entry["subtasks"]).filter(isFields).map(toMicrotask),
    ...without(ownIn(entry["metadata"]), [...mapped, "microtasks"]),
  };
  return without(task, []) as unknown as FlowForgeTask; // JSON has no undefined
}

/** One of ours as theirs, without what was kept aside. */
function entryOf(task: FlowForgeTask): Fields {
  const status = normalizeStatus(task.status);
  return {
    id: task.id,
    title: task.title ?? "",
    description: task.description ?? "",
    status: wordFor(toTheirs, status) ?? "pending",
    priority: task.priority === "critical" ? "high" : (task.priority ?? "medium"),
    dependencies: task.dependencies ?? [],
    subtasks: (task.microtasks ?? []).map(toSubtask),
  };
}

/** Whether they have a status or a priority of ours, by whatever name. */
function knows(field: string, value: string): boolean {
  return field === "status" ? Object.hasOwn(toTheirs, value) : value !== "critical";
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

function toSubtask(microtask: Microtask, at: number): Fields {
  if (typeof microtask === "string")
    return { id: at + 1, title: microtask, status: "pending", dependencies: [] };
  const { completed: _, done: __, status, ...rest } = microtask as MicrotaskEntry & Fields;
  const open = status === undefined || status === "completed" ? "pending" : status;
  return { id: at + 1, ...rest, status: isDone(microtask) ? "done" : open };
}

function priorityOf(value: unknown): FlowForgeTask["priority"] {
  return ["critical", "high", "medium", "low"].find((each) => each === value) as FlowForgeTask["priority"];
}
