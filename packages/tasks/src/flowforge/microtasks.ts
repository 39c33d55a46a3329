import { TaskFormatError, TaskNotFoundError } from "../errors.ts";
import { nextNumber, type DraftTask, type TaskBoard } from "./task-board.ts";
import type { Microtask, MicrotaskEntry, TaskId } from "./task.ts";
import type { Edited } from "./edit-task.ts";
import { inWords } from "../in-words.ts";

/** Adds a small step at the end, with the next free whole number for its id. */
export function addMicrotask(board: TaskBoard, id: TaskId, title: string): Edited {
  if (typeof title !== "string" || title === "") throw new TypeError("title must be a non-empty string");
  const task = board.require(id, () => `add a microtask to task ${id}`);
  const all = stepsOf(board, task);
  const next = nextNumber(all.filter((each) => typeof each === "object"));
  const changed = board.set(task, { microtasks: [...all, { id: next, title, completed: false }] });
  return { task: board.copyOf(task), changed };
}

/** Marks a small step as done, or as open again. One that is only a text becomes an object with it as its title. */
export function setMicrotask(board: TaskBoard, id: TaskId, microtask: TaskId, completed: boolean): Edited {
  const task = board.require(id, () => `change a microtask of task ${id}`);
  const all = stepsOf(board, task);
  const at = placeOf(all, microtask);
  if (at < 0)
    throw new TaskNotFoundError(`change microtask ${microtask}`, microtask, `task ${id} of ${board.where}`);
  const marked = all.map((each, index) => (index === at ? mark(each, completed) : each));
  const changed = board.set(task, { microtasks: marked });
  return { task: board.copyOf(task), changed };
}

/** @throws {TaskFormatError} a script wrote something else there. */
function stepsOf(board: TaskBoard, task: DraftTask): readonly Microtask[] {
  const steps: unknown = board.copyOf(task).microtasks ?? [];
  const isStep = (each: unknown): boolean =>
    typeof each === "string" || (typeof each === "object" && each !== null);
  if (Array.isArray(steps) && steps.every(isStep)) return steps as readonly Microtask[];
  throw new TaskFormatError(
    `Task ${task.id} of ${board.where}`,
    "has microtasks that are no list of texts or objects",
  );
}

/** The one of that id; where there is none, the first of that text. */
function placeOf(all: readonly Microtask[], name: TaskId): number {
  const byId = all.findIndex((each) => typeof each === "object" && inWords(each.id ?? "") === String(name));
  if (byId >= 0) return byId;
  return all.findIndex((each) => (typeof each === "object" ? each.title : each) === String(name));
}

/** A small step as scripts write it: done is whichever of these says so. */
type MarkedMicrotask = MicrotaskEntry & { readonly done?: unknown; readonly status?: unknown };

/** Whether a small step is done, in whichever form scripts wrote it. */
export function isDone(microtask: Microtask): boolean {
  if (typeof microtask === "string") return false;
  const { completed, done, status } = microtask as MarkedMicrotask;
  return completed === true || done === true || status === "completed" || status === "done";
}

/** Scripts write `completed`, `done` or a `status`: all that are there are set. */
function mark(microtask: Microtask, completed: boolean): MicrotaskEntry {
  if (typeof microtask === "string") return { title: microtask, completed };
  const others = {
    ...("status" in microtask ? { status: completed ? "completed" : "pending" } : {}),
    ...("done" in microtask ? { done: completed } : {}),
  };
  const isOther = Object.keys(others).length > 0 && !("completed" in microtask);
  return { ...microtask, ...others, ...(isOther ? {} : { completed }) };
}
