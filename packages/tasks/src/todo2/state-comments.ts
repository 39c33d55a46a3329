/** Comments in `state.todo2.json`: in a list of their own, where each names its task, or nested in the task. */
import { randomBytes } from "node:crypto";
import type { Instant } from "@flockwork/core";
import { TaskFormatError } from "../errors.ts";
import { set, stateFileName, textOf, type StateFile, type StateTodo } from "./state-board.ts";
import type { Todo2Comment } from "./task.ts";

type Entry = Readonly<Record<string, unknown>>;

/** The comments on a task, the oldest first. */
export function commentsIn(file: StateFile, todo: StateTodo): readonly Todo2Comment[] {
  const own = listOf(file.comments).filter((entry) => isOn(entry, todo.id));
  return [...listOf(todo["comments"]), ...own].map((entry) => ({
    id: textOf(entry["id"]) ?? "",
    task_id: todo.id,
    type: (textOf(entry["type"]) ?? "note") as Todo2Comment["type"],
    content: textOf(entry["content"]) ?? "",
    created: textOf(entry["created"]) ?? "",
  }));
}

/** Adds one where the file has them. @throws {TaskFormatError} something else is there. */
export function addComment(
  file: StateFile,
  todo: StateTodo,
  {
    type,
    content,
    instant,
  }: { readonly type: Todo2Comment["type"]; readonly content: string; readonly instant: Instant },
): Todo2Comment {
  const created = new Date(instant.wallMs).toISOString();
  const id = `${todo.id}-C-${Math.floor(instant.wallMs)}-${randomBytes(6).toString("hex")}`;
  const nested = todo["comments"] !== undefined;
  if (!Array.isArray((nested ? todo["comments"] : file.comments) ?? []))
    throw new TaskFormatError(stateFileName, "has comments that are no list");
  if (nested) {
    if (todo["comments"] === null) set(todo, "comments", []); // as Go writes a list of none
    (todo["comments"] as Entry[]).push({ id, type, content, created });
  } else {
    const name = listOf(file.comments).some((entry) => "todo_id" in entry) ? "todo_id" : "todoId";
    (file.comments ??= []).push({ id, [name]: todo.id, type, content, created });
  }
  return { id, task_id: todo.id, type, content, created };
}

/** Those of a task that is removed go with it, as in the database. */
export function dropComments(file: StateFile, id: string): void {
  if (!Array.isArray(file.comments)) return;
  const others = file.comments.filter((entry) => !isOn(entry, id));
  if (others.length < file.comments.length) file.comments = others;
}

function isOn(entry: unknown, id: string): boolean {
  return isEntry(entry) && (entry["todoId"] === id || entry["todo_id"] === id);
}

function listOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
