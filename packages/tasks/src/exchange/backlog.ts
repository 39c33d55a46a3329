import { TaskFormatError } from "../errors.ts";
import { normalizeStatus } from "../flowforge/status.ts";
import type { FlowForgeTask, Microtask } from "../flowforge/task.ts";
import { lossesOf, originOf, ownFields, withOrigin, without, type Imported, type Loss } from "./exchange.ts";
import { parseHeaded, writeHeaded, type HeadValue } from "./front-matter.ts";

const format = "backlog";
const toOurs: Readonly<Record<string, string>> = { to_do: "pending", done: "completed", draft: "paused" };
const toTheirs: Readonly<Record<string, string>> = {
  pending: "To Do",
  in_progress: "In Progress",
  completed: "Done",
  cancelled: "Done",
  paused: "Draft",
  blocked: "To Do",
};
const shared = [
  "id",
  "title",
  "status",
  "assignee",
  "created_date",
  "updated_date",
  "labels",
  "dependencies",
  "priority",
  "milestone",
];
const mapped = [
  "id",
  "title",
  "description",
  "status",
  "priority",
  "assignee",
  "createdAt",
  "updatedAt",
  "tags",
  "dependencies",
  "microtasks",
  "milestone",
];
const criteria = /^## Acceptance Criteria[^\n]*\n/m;

/** One Markdown file of a backlog. */
export interface BacklogFile {
  /** Such as `task-7 - Write it down.md`. */
  readonly name: string;
  readonly text: string;
}

/**
 * Tasks of Markdown files in the manner of Backlog.md: a head with id, title and status, a description, acceptance criteria.
 * @throws {TaskFormatError} `ERR_TASK_FORMAT`: a file without such a head.
 */
export function fromBacklog(files: readonly BacklogFile[]): Imported {
  const losses: Loss[] = [];
  const tasks = files.map(({ name, text }) => {
    const { head, body } = parseHeaded(name, text);
    const id = textIn(head["id"]);
    if (id === undefined) throw new TaskFormatError(name, "has no id in its head");
    const status = textIn(head["status"]) ?? "To Do";
    const normal = normalizeStatus(status);
    const assignees = listIn(head["assignee"]);
    const { description, microtasks, rest } = sectionsOf(body);
    const aside = {
      ...without(head, shared),
      ...(assignees.length > 1 ? { assignee: assignees } : {}),
      ...(toTheirs[toOurs[normal] ?? normal] === status ? {} : { status }),
      ...(rest === "" ? {} : { body: rest }),
    };
    losses.push(...lossesOf(id, Object.keys(aside), "aside", "FlowForge has no such field"));
    const task = {
      id,
      title: textIn(head["title"]) ?? "",
      description,
      status: toOurs[normal] ?? normal,
      priority: textIn(head["priority"]),
      assignee: assignees[0],
      createdAt: textIn(head["created_date"]),
      updatedAt: textIn(head["updated_date"]),
      tags: listIn(head["labels"]),
      dependencies: listIn(head["dependencies"]),
      milestone: textIn(head["milestone"]),
      microtasks,
    };
    return withOrigin(without(task, []) as unknown as FlowForgeTask, format, aside);
  });
  return { tasks, losses };
}

/** The tasks as Markdown files. What Backlog.md has no place for is lost, and reported. */
export function toBacklog(tasks: readonly FlowForgeTask[]): {
  readonly files: readonly BacklogFile[];
  readonly losses: readonly Loss[];
} {
  const losses: Loss[] = [];
  const idOf = (id: number | string): string => (typeof id === "number" ? `task-${id}` : id);
  const files = tasks.map((task) => {
    const id = idOf(task.id);
    const origin = originOf(task, format) as Readonly<Record<string, HeadValue>>;
    const status = normalizeStatus(task.status);
    losses.push(
      ...lossesOf(
        id,
        Object.keys(without(task, [...mapped, "origin"])),
        "lost",
        "Backlog.md has no such field",
      ),
    );
    if (status === "cancelled" || status === "blocked")
      losses.push(
        ...lossesOf(id, ["status"], "changed", `Backlog.md has no ${status}: it is ${toTheirs[status]}`),
      );
    const assignee =
      listIn(origin["assignee"]).length > 1
        ? listIn(origin["assignee"])
        : [task.assignee ?? ""].filter(Boolean);
    const head: Record<string, HeadValue | undefined> = {
      id,
      title: task.title ?? "",
      status: textIn(origin["status"]) ?? toTheirs[status] ?? task.status ?? "To Do",
      assignee,
      created_date: task.createdAt,
      updated_date: task.updatedAt,
      labels: task.tags ?? [],
      dependencies: (task.dependencies ?? []).map(idOf),
      priority: task.priority,
      milestone: task.milestone,
      ...(without(origin, ["status", "assignee", "body", ...ownFields]) as Record<string, HeadValue>),
    };
    const title = (task.title ?? "")
      .replaceAll(/[^\p{L}\p{N} ._-]+/gu, "-")
      .slice(0, 60)
      .trim();
    const text = writeHeaded({
      head: without(head, []) as Record<string, HeadValue>,
      body: bodyOf(task, textIn(origin["body"])),
    });
    return { name: `${id} - ${title}.md`, text };
  });
  return { files, losses };
}

function sectionsOf(body: string): {
  readonly description?: string;
  readonly microtasks: readonly Microtask[];
  readonly rest: string;
} {
  const parts = body.split(/^(?=## )/m);
  const of = (pattern: RegExp): string | undefined => parts.find((part) => pattern.test(part));
  const about = of(/^## Description[^\n]*\n/);
  const list = of(criteria);
  const description = about
    ?.replace(/^[^\n]*\n/, "")
    .replaceAll(/<!--.*?-->/gs, "")
    .trim();
  const microtasks = [...(list ?? "").matchAll(/^\s*- \[( |x|X)\] (?:#(\d+) )?(.*)$/gm)].map(
    ([, mark, number, title = ""], at) => ({
      id: Number(number ?? at + 1),
      title: title.trim(),
      completed: mark !== " ",
    }),
  );
  const rest = parts
    .filter((part) => part !== about && part !== list)
    .join("")
    .trim();
  return { ...(description ? { description } : {}), microtasks, rest };
}

function bodyOf(task: FlowForgeTask, rest: string | undefined): string {
  const steps = (task.microtasks ?? []).map((step, at) => {
    const { id = at + 1, title = "", completed = false } = typeof step === "string" ? { title: step } : step;
    return `- [${completed ? "x" : " "}] #${id} ${title}`;
  });
  return [
    "",
    ...(task.description === undefined ? [] : ["## Description", "", task.description, ""]),
    ...(steps.length === 0 ? [] : ["## Acceptance Criteria", "", ...steps, ""]),
    ...(rest === undefined ? [] : [rest, ""]),
  ].join("\n");
}

function textIn(value: HeadValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listIn(value: HeadValue | undefined): readonly string[] {
  return value === undefined || value === "" ? [] : [value].flat();
}
