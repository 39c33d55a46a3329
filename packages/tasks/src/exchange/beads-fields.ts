/** One issue of beads as a task of FlowForge, and back: what each field of one is in the other. */
import { normalizeStatus } from "../flowforge/status.ts";
import type { FlowForgeTask, TaskPriority } from "../flowforge/task.ts";
import { inWords } from "../in-words.ts";
import { isFields, listOf, ownIn, textOf, without, wordFor, type Fields } from "./exchange.ts";

const toOurs: Readonly<Record<string, string>> = {
  open: "pending",
  closed: "completed",
  deferred: "paused",
};
const toTheirs: Readonly<Record<string, string>> = {
  pending: "open",
  completed: "closed",
  cancelled: "closed",
  paused: "deferred",
};
const priorities: readonly TaskPriority[] = ["critical", "high", "medium", "low", "low"];
/** Fields of theirs that have one of ours, in some form. */
export const shared: readonly string[] = [
  "id",
  "title",
  "description",
  "status",
  "priority",
  "assignee",
  "estimated_minutes",
  "created_at",
  "updated_at",
  "closed_at",
  "labels",
];
/** Fields of ours that have one of theirs. */
export const mapped: readonly string[] = [
  "id",
  "title",
  "description",
  "status",
  "priority",
  "assignee",
  "estimatedHours",
  "createdAt",
  "updatedAt",
  "completedAt",
  "tags",
  "dependencies",
];

/** How an issue of ours is called there. */
export type IssueId = (id: number | string) => string;

export function issueOf(prefix: string): IssueId {
  return (id) => (typeof id === "number" ? `${prefix}-${id}` : id);
}

export function blocks(edge: Fields): boolean {
  return edge["type"] === "blocks" && typeof edge["depends_on_id"] === "string";
}

/** An issue of theirs as one of ours, without what ours have no field for. */
export function taskOf(id: string, record: Fields): FlowForgeTask {
  const status = textOf(record["status"]) ?? "open";
  const rank = typeof record["priority"] === "number" ? record["priority"] : 2;
  const { estimated_minutes: minutes, metadata, labels } = record;
  const task = {
    id,
    title: textOf(record["title"]) ?? "",
    description: textOf(record["description"]),
    status: wordFor(toOurs, status) ?? normalizeStatus(status),
    priority: priorities[rank] ?? "low",
    assignee: textOf(record["assignee"]),
    estimatedHours: typeof minutes === "number" ? minutes / 60 : ownIn(metadata)["estimatedHours"],
    createdAt: textOf(record["created_at"]),
    updatedAt: textOf(record["updated_at"]),
    completedAt: textOf(record["closed_at"]),
    tags: Array.isArray(labels) ? labels.map(inWords) : undefined,
    dependencies: listOf(record["dependencies"])
      .filter((edge): edge is Fields => isFields(edge) && blocks(edge))
      .map((edge) => inWords(edge["depends_on_id"])),
    ...without(ownIn(metadata), mapped),
  };
  return without(task, []) as unknown as FlowForgeTask;
}

/** Hours in whole minutes. Undefined where a script wrote something else, or more than a number can say. */
export function minutesOf(hours: unknown): number | undefined {
  const minutes = typeof hours === "number" ? Math.round(hours * 60) : undefined;
  return Number.isFinite(minutes) ? minutes : undefined;
}

/** Their number for a priority; one that they do not have counts as medium, as it does here. */
function rankIn(priority: string | undefined): number {
  return priorities.findIndex((each) => each === (hasPriority(priority) ? priority : "medium"));
}

/** Whether they have a priority of ours. */
export function hasPriority(priority: string | undefined): boolean {
  return priorities.some((each) => each === priority);
}

/** One of ours as theirs, without edges and what was kept aside. */
export function recordOf(task: FlowForgeTask, idOf: IssueId, now: Date): Fields {
  const id = idOf(task.id);
  const status = normalizeStatus(task.status);
  const closed = status === "completed" || status === "cancelled";
  const created = task.createdAt ?? now.toISOString();
  return {
    id,
    title: task.title === undefined || task.title === "" ? id : task.title,
    description: task.description,
    status: wordFor(toTheirs, status) ?? status,
    priority: rankIn(task.priority),
    assignee: task.assignee,
    estimated_minutes: minutesOf(task.estimatedHours),
    created_at: created,
    updated_at: task.updatedAt ?? created,
    closed_at: closed ? (task.completedAt ?? task.updatedAt ?? now.toISOString()) : undefined,
    labels: task.tags,
  };
}
