import { TaskFormatError } from "../errors.ts";
import { normalizeStatus } from "../flowforge/status.ts";
import type { FlowForgeTask } from "../flowforge/task.ts";
import { blocks, hasPriority, issueOf, mapped, minutesOf, recordOf, shared, taskOf } from "./beads-fields.ts";
import {
  isFields,
  listOf,
  lossesOf,
  metadataOf,
  originOf,
  ownFields,
  restored,
  textOf,
  unlike,
  withOrigin,
  withOwn,
  without,
  type Fields,
  type Imported,
  type Loss,
} from "./exchange.ts";
import { readable } from "./readable.ts";

const format = "beads";

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
    const task = taskOf(id, record);
    const edges = listOf(record["dependencies"]).filter(isFields);
    const aside = without(
      {
        ...without(record, [...shared, "metadata", "_type"]),
        ...unlike(record, recordOf(task, issueOf(id), new Date(0)), shared),
        metadata: metadataOf(record["metadata"]),
      },
      [],
    );
    losses.push(
      ...lossesOf(id, Object.keys(without(aside, ["dependencies"])), "aside", "FlowForge has no such field"),
    );
    if (edges.some((edge) => !blocks(edge)))
      losses.push(...lossesOf(id, ["dependencies"], "aside", "FlowForge knows only what blocks"));
    return [withOrigin(task, format, aside)];
  });
  return { tasks, losses };
}

/** The tasks as issues of beads. Fields that it does not have go into its `metadata`. */
export function toBeads(
  tasks: readonly FlowForgeTask[],
  options: { readonly prefix?: string | undefined; readonly now?: Date | undefined } = {},
): { readonly records: readonly Fields[]; readonly losses: readonly Loss[] } {
  const { prefix = "ff", now = new Date() } = options;
  const idOf = issueOf(prefix);
  const losses: Loss[] = [];
  const records = tasks.map((given) => {
    const id = idOf(given.id);
    const { task, losses: changed } = readable(given, id, mapped);
    losses.push(...changed);
    const origin = originOf(task, format);
    const { estimatedHours, priority } = task;
    const own = {
      ...without(task, [...mapped, ...ownFields]),
      ...(minutesOf(estimatedHours) === undefined ? without({ estimatedHours }, []) : {}),
    };
    const status = normalizeStatus(task.status);
    if (task.claim !== undefined)
      losses.push(...lossesOf(id, ["claim"], "lost", "claims are FlowForge's alone"));
    if (typeof task.id === "number")
      losses.push(...lossesOf(id, ["id"], "changed", `beads' ids are texts: ${task.id} became ${id}`));
    if (status === "cancelled")
      losses.push(...lossesOf(id, ["status"], "changed", "beads has no cancelled: it is closed"));
    if (priority !== undefined && !hasPriority(priority))
      losses.push(...lossesOf(id, ["priority"], "changed", `beads has no ${priority}: it is medium`));
    losses.push(...lossesOf(id, Object.keys(own), "aside", "beads keeps it in metadata and does not use it"));
    const { metadata: theirs, dependencies: known, ...kept } = origin;
    const edges = (task.dependencies ?? []).map((on) => {
      const before = listOf(known).find(
        (edge) => isFields(edge) && blocks(edge) && edge["depends_on_id"] === idOf(on),
      );
      const created = task.createdAt ?? now.toISOString();
      return before ?? { issue_id: id, depends_on_id: idOf(on), type: "blocks", created_at: created };
    });
    const record = recordOf(task, idOf, now);
    const then = recordOf(taskOf(id, kept), idOf, now);
    const all = [...edges, ...listOf(known).filter((edge) => isFields(edge) && !blocks(edge))];
    return without(
      {
        ...record,
        ...restored(kept, record, then),
        dependencies: all.length === 0 ? undefined : all,
        metadata: withOwn(theirs, own),
      },
      [],
    );
  });
  return { records, losses };
}
