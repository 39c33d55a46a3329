import { TaskFormatError } from "../errors.ts";
import { normalizeStatus } from "../flowforge/status.ts";
import type { FlowForgeTask, TaskPriority } from "../flowforge/task.ts";
import {
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

const format = "beads";
const toOurs: Readonly<Record<string, string>> = { open: "pending", closed: "completed", deferred: "paused" };
const toTheirs: Readonly<Record<string, string>> = {
  pending: "open",
  completed: "closed",
  cancelled: "closed",
  paused: "deferred",
};
const priorities: readonly TaskPriority[] = ["critical", "high", "medium", "low", "low"];
const shared = [
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
const mapped = [
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

/**
 * Issues of beads' `issues.jsonl`, one record a line. Tombstones, memories and headers are passed over and reported.
 * @throws {TaskFormatError} `ERR_TASK_FORMAT`: a record without an id.
 */
export function fromBeads(records: readonly unknown[]): Imported {
  const losses: Loss[] = [];
  const tasks = records.flatMap((record) => {
    if (!isFields(record)) throw new TaskFormatError("A record", "is no JSON object: expected beads' issues");
    if (
      "_schema" in record ||
      (record["_type"] !== undefined && record["_type"] !== "issue") ||
      record["status"] === "tombstone"
    ) {
      losses.push({
        id: textOf(record["id"]) ?? textOf(record["key"]) ?? "-",
        field: "*",
        fate: "lost",
        why: "no issue",
      });
      return [];
    }
    const id = textOf(record["id"]);
    if (id === undefined) throw new TaskFormatError("A record", "has no id: expected beads' issues");
    const status = textOf(record["status"]) ?? "open";
    const rank = typeof record["priority"] === "number" ? record["priority"] : 2;
    const edges = listOf(record["dependencies"]).filter(isFields);
    const blocking = edges.filter(
      (edge) => edge["type"] === "blocks" && typeof edge["depends_on_id"] === "string",
    );
    const minutes = record["estimated_minutes"];
    const metadata = isFields(record["metadata"]) ? record["metadata"] : {};
    const aside = {
      ...without(record, [...shared, "metadata", "_type"]),
      ...(Object.hasOwn(toOurs, status) || ["in_progress", "blocked"].includes(status) ? {} : { status }),
      ...(priorities.indexOf(priorities[rank] ?? "low") === rank ? {} : { priority: rank }),
      ...(Object.keys(without(metadata, ["flowforge"])).length === 0
        ? {}
        : { metadata: without(metadata, ["flowforge"]) }),
    };
    losses.push(
      ...lossesOf(id, Object.keys(without(aside, ["dependencies"])), "aside", "FlowForge has no such field"),
    );
    if (edges.length > blocking.length)
      losses.push(...lossesOf(id, ["dependencies"], "aside", "FlowForge knows only what blocks"));
    const task = {
      id,
      title: textOf(record["title"]) ?? "",
      description: textOf(record["description"]),
      status: Object.hasOwn(toOurs, status) ? toOurs[status] : normalizeStatus(status),
      priority: priorities[rank] ?? "low",
      assignee: textOf(record["assignee"]),
      estimatedHours: typeof minutes === "number" ? minutes / 60 : undefined,
      createdAt: textOf(record["created_at"]),
      updatedAt: textOf(record["updated_at"]),
      completedAt: textOf(record["closed_at"]),
      tags: Array.isArray(record["labels"]) ? record["labels"].map(String) : undefined,
      dependencies: blocking.map((edge) => String(edge["depends_on_id"])),
      ...(isFields(metadata["flowforge"]) ? without(metadata["flowforge"], mapped) : {}),
    };
    return [withOrigin(without(task, []) as unknown as FlowForgeTask, format, aside)];
  });
  return { tasks, losses };
}

/** The tasks as issues of beads. Fields that it does not have go into its `metadata`. */
export function toBeads(
  tasks: readonly FlowForgeTask[],
  options: { readonly prefix?: string | undefined; readonly now?: Date | undefined } = {},
): { readonly records: readonly Fields[]; readonly losses: readonly Loss[] } {
  const { prefix = "ff", now = new Date() } = options;
  const idOf = (id: number | string): string => (typeof id === "number" ? `${prefix}-${id}` : id);
  const losses: Loss[] = [];
  const records = tasks.map((task) => {
    const id = idOf(task.id);
    const origin = originOf(task, format);
    const own = without(task, [...mapped, ...ownFields]);
    const status = normalizeStatus(task.status);
    const closed = status === "completed" || status === "cancelled";
    if (task.claim !== undefined)
      losses.push(...lossesOf(id, ["claim"], "lost", "claims are FlowForge's alone"));
    if (typeof task.id === "number")
      losses.push(...lossesOf(id, ["id"], "changed", `beads' ids are texts: ${task.id} became ${id}`));
    if (status === "cancelled")
      losses.push(...lossesOf(id, ["status"], "changed", "beads has no cancelled: it is closed"));
    losses.push(...lossesOf(id, Object.keys(own), "aside", "beads keeps it in metadata and does not use it"));
    const metadata = {
      ...(isFields(origin["metadata"]) ? origin["metadata"] : {}),
      ...(Object.keys(own).length === 0 ? {} : { flowforge: own }),
    };
    const created = task.createdAt ?? now.toISOString();
    const kept = listOf(origin["dependencies"]).filter(isFields);
    const edges = (task.dependencies ?? []).map((on) => {
      const known = kept.find((edge) => edge["type"] === "blocks" && edge["depends_on_id"] === idOf(on));
      return known ?? { issue_id: id, depends_on_id: idOf(on), type: "blocks", created_at: created };
    });
    const all = [...edges, ...kept.filter((edge) => edge["type"] !== "blocks")];
    const record = {
      id,
      title: task.title === undefined || task.title === "" ? id : task.title,
      description: task.description,
      status: textOf(origin["status"]) ?? toTheirs[status] ?? status,
      priority:
        typeof origin["priority"] === "number"
          ? origin["priority"]
          : priorities.indexOf(task.priority ?? "medium"),
      assignee: task.assignee,
      estimated_minutes: task.estimatedHours === undefined ? undefined : Math.round(task.estimatedHours * 60),
      created_at: created,
      updated_at: task.updatedAt ?? created,
      closed_at: closed ? (task.completedAt ?? task.updatedAt ?? now.toISOString()) : undefined,
      labels: task.tags,
      ...without(origin, ["status", "priority", "metadata", "dependencies"]),
      dependencies: all.length === 0 ? undefined : all,
      metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    };
    return without(record, []);
  });
  return { records, losses };
}
