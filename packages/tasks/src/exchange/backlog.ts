import { TaskFormatError } from "../errors.ts";
import { normalizeStatus } from "../flowforge/status.ts";
import type { FlowForgeTask } from "../flowforge/task.ts";
import { bodyOf, sectionsOf } from "./backlog-body.ts";
import {
  lossesOf,
  originOf,
  ownFields,
  restored,
  unlike,
  withOrigin,
  without,
  wordFor,
  type Fields,
  type Imported,
  type Loss,
} from "./exchange.ts";
import { isHeadName, parseHeaded, writeHeaded, type HeadValue } from "./front-matter.ts";
import { readable } from "./readable.ts";
import { inWords } from "../in-words.ts";
import { isEqual } from "../json-equal.ts";

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
    const task = taskOf(id, head, body);
    const { rest, lost } = sectionsOf(body);
    const aside = {
      ...without(head, shared),
      ...only(head, unlike(flat(head), flat(headOf(task)), shared)),
      ...(rest === "" ? {} : { body: rest }),
    };
    losses.push(...lossesOf(id, Object.keys(aside), "aside", "FlowForge has no such field"));
    losses.push(...lossesOf(id, lost, "lost", "a section holds more than its text or its checkboxes"));
    return withOrigin(task, format, aside);
  });
  return { tasks, losses };
}

/** The tasks as Markdown files. What Backlog.md has no place for is lost, and reported. */
export function toBacklog(tasks: readonly FlowForgeTask[]): {
  readonly files: readonly BacklogFile[];
  readonly losses: readonly Loss[];
} {
  const losses: Loss[] = [];
  const files = tasks.map((given) => {
    const id = idOf(given.id);
    const { task, losses: changed } = readable(given, id, mapped);
    const origin = without(originOf(task, format), ownFields);
    const kept = headIn(origin);
    losses.push(...changed, ...headLossesOf(id, origin, kept));
    const status = normalizeStatus(task.status);
    losses.push(
      ...lossesOf(
        id,
        Object.keys(without(task, [...mapped, "origin"])),
        "lost",
        "Backlog.md has no such field",
      ),
    );
    const head = headOf(task);
    const then = headOf(taskOf(id, kept, ""));
    const back = only(kept, restored(flat(kept), flat(head), flat(then)));
    if ((status === "cancelled" || status === "blocked") && !("status" in back))
      losses.push(
        ...lossesOf(id, ["status"], "changed", `Backlog.md has no ${status}: it is ${toTheirs[status]}`),
      );
    const title = (task.title ?? "")
      .replaceAll(/[^\p{L}\p{N} ._-]+/gu, "-")
      .slice(0, 60)
      .trim();
    const text = writeHeaded({
      head: without({ ...head, ...back }, []) as Record<string, HeadValue>,
      body: bodyOf(task, bodyIn(origin)),
    });
    return { name: `${id} - ${title}.md`, text };
  });
  return { files, losses };
}

/** What was kept aside of a head, in texts and lists of texts: a script may have made anything of it. */
function headIn(origin: Fields): Readonly<Record<string, HeadValue>> {
  const said = Object.entries(origin).filter(
    ([name, value]) => name !== "body" && isHeadName(name) && value !== null,
  );
  return Object.fromEntries(
    said.map(([name, value]) => [name, Array.isArray(value) ? value.map(inWords) : inWords(value)]),
  );
}

function bodyIn({ body }: Fields): string | undefined {
  return body === undefined || body === null || body === "" ? undefined : inWords(body);
}

function headLossesOf(id: string, origin: Fields, kept: Fields): readonly Loss[] {
  const given = Object.keys(origin).filter((name) => origin[name] !== null);
  const isKept = (name: string): boolean => name === "body" || Object.hasOwn(kept, name);
  const valueIn = (name: string): unknown => (name === "body" ? (bodyIn(origin) ?? "") : kept[name]);
  const changed = given.filter((name) => isKept(name) && !isEqual(origin[name], valueIn(name)));
  return [
    ...lossesOf(
      id,
      given.filter((name) => !isKept(name)),
      "lost",
      "no head can have a field that is called so",
    ),
    ...lossesOf(id, changed, "changed", "a head has texts and lists of texts: it goes out in words"),
  ];
}

/** Of a head, what these fields are called like. */
function only(head: Readonly<Record<string, HeadValue>>, names: Fields): Readonly<Record<string, HeadValue>> {
  return Object.fromEntries(Object.entries(head).filter(([name]) => Object.hasOwn(names, name)));
}

/** A head as lists: one text, and a list of it alone, are the same. */
function flat(head: Fields): Fields {
  return Object.fromEntries(
    Object.entries(head).map(([name, value]) => [name, listIn(value as HeadValue | undefined)]),
  );
}

function idOf(id: number | string): string {
  return typeof id === "number" ? `task-${id}` : id;
}

/** A file of theirs as one of our tasks, without what ours have no field for. */
function taskOf(id: string, head: Readonly<Record<string, HeadValue>>, body: string): FlowForgeTask {
  const normal = normalizeStatus(textIn(head["status"]) ?? "To Do");
  const { description, microtasks } = sectionsOf(body);
  const task = {
    id,
    title: textIn(head["title"]) ?? "",
    description,
    status: wordFor(toOurs, normal) ?? normal,
    priority: textIn(head["priority"]),
    assignee: listIn(head["assignee"])[0],
    createdAt: textIn(head["created_date"]),
    updatedAt: textIn(head["updated_date"]),
    tags: listIn(head["labels"]),
    dependencies: listIn(head["dependencies"]),
    milestone: textIn(head["milestone"]),
    microtasks,
  };
  return without(task, []) as unknown as FlowForgeTask;
}

/** The head of one of ours, without what was kept aside. */
function headOf(task: FlowForgeTask): Readonly<Record<string, HeadValue | undefined>> {
  return {
    id: idOf(task.id),
    title: task.title ?? "",
    status: wordFor(toTheirs, normalizeStatus(task.status)) ?? task.status ?? "To Do",
    assignee: [task.assignee ?? ""].filter(Boolean),
    created_date: task.createdAt,
    updated_date: task.updatedAt,
    labels: task.tags ?? [],
    dependencies: (task.dependencies ?? []).map(idOf),
    priority: task.priority,
    milestone: task.milestone,
  };
}

function textIn(value: HeadValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listIn(value: HeadValue | undefined): readonly string[] {
  return value === undefined || value === "" ? [] : [value].flat();
}
