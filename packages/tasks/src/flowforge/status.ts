import { TaskTransitionError } from "../errors.ts";
import { inWords } from "../in-words.ts";
import type { FlowForgeTask, TaskId, TaskPriority, TaskStatus } from "./task.ts";

const anywhere: readonly TaskStatus[] = [
  "pending",
  "todo",
  "ready",
  "in_progress",
  "review",
  "blocked",
  "paused",
  "completed",
  "cancelled",
];

/** Where each state leads. One that is not listed (scripts may write any) leads anywhere. */
const transitions: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  pending: anywhere,
  todo: anywhere,
  ready: anywhere,
  in_progress: anywhere,
  review: anywhere,
  paused: anywhere,
  blocked: ["pending", "todo", "ready", "in_progress", "paused", "cancelled"],
  completed: ["pending", "todo", "ready", "in_progress", "review"],
  cancelled: ["pending", "todo", "ready"],
};

/** A status without its spelling: `in-progress`, `In Progress` and `in_progress` are one. Others pass as they are. */
export function normalizeStatus(status: string | null | undefined): string {
  return inWords(status ?? "pending") // a script may have written anything
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
}

/** Whether a task holds nothing back any more: it is completed or cancelled. */
export function isSettled(task: Pick<FlowForgeTask, "status">): boolean {
  const status = normalizeStatus(task.status);
  return status === "completed" || status === "cancelled";
}

/** Whether a task waits to be begun, as far as its status says. */
export function isIdle(task: Pick<FlowForgeTask, "status">): boolean {
  return ["pending", "todo", "ready"].includes(normalizeStatus(task.status));
}

/** @throws {TaskTransitionError} `ERR_TASK_TRANSITION`: that state does not lead there. */
export function checkTransition(id: TaskId, from: string | undefined, to: TaskStatus): void {
  const state = normalizeStatus(from);
  const allowed = Object.hasOwn(transitions, state) ? transitions[state as TaskStatus] : anywhere;
  if (state === to || allowed.includes(to)) return;
  throw new TaskTransitionError(id, state, to, `it may become ${allowed.join(", ")}`);
}

/** @throws {TypeError} it is no status. */
export function checkStatus(status: unknown): TaskStatus {
  const known = typeof status === "string" && anywhere.find((each) => each === normalizeStatus(status));
  if (!known)
    throw new TypeError(`status must be one of ${anywhere.join(", ")}, got ${JSON.stringify(status)}`);
  return known;
}

const ranks: Readonly<Record<TaskPriority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** 0 for the most urgent. A priority that is missing or unknown counts as medium. */
export function rankOf({ priority }: Pick<FlowForgeTask, "priority">): number {
  const known: unknown = priority; // a script may have written anything
  return typeof known === "string" && Object.hasOwn(ranks, known)
    ? ranks[known as TaskPriority]
    : ranks.medium;
}
