/** What the calls of a task list do to a draft. Each checks everything first: one that throws has changed nothing. */
import { TaskConflictError, TaskTransitionError } from "../errors.ts";
import type { ClaimProof } from "../claims/claims.ts";
import { checkUnder } from "../claims/held-claim.ts";
import { isEqual } from "../json-equal.ts";
import { checkFields, checkGiven, isObject } from "./check-fields.ts";
import { checkClaim, spell } from "./claim-task.ts";
import { blockersOf } from "./queries.ts";
import { checkStatus, checkTransition, normalizeStatus } from "./status.ts";
import type { DraftTask, TaskBoard } from "./task-board.ts";
import { isTaskId } from "./task-file.ts";
import type { FlowForgeTask, TaskFields, TaskId, TaskUpdate } from "./task.ts";

/** Fields to set, or what makes them of the task as it is. It may throw; then nothing is changed. */
export type TaskChanges = Partial<TaskFields> | ((task: FlowForgeTask) => Partial<TaskFields>);

/** Under which conditions a task is changed. */
export interface TaskConditions {
  /** The claim it is changed under. Without one, a task that somebody holds is not changed. */
  readonly claim?: ClaimProof | undefined;
  /** Change it although somebody else holds it, and although what it waits for is not settled. Default false. */
  readonly force?: boolean | undefined;
  /** Change it only if these fields have these values. */
  readonly expected?: Readonly<Record<string, unknown>> | undefined;
}

/** A task after a change, and the fields that the change touched. */
export interface Edited {
  readonly task: FlowForgeTask;
  readonly changed: readonly string[];
}

export function createTask(
  board: TaskBoard,
  fields: Partial<TaskFields> & { readonly id?: TaskId | undefined },
): Edited {
  checkGiven(fields);
  const { id = board.nextId(), status = "pending", ...rest } = fields;
  if (!isTaskId(id)) throw new TypeError("id must be a whole number or a non-empty string");
  refuseClaim(fields);
  checkFields(rest);
  for (const dependency of rest.dependencies ?? [])
    board.require(dependency, () => `make task ${id} wait for ${dependency}`);
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const task = {
    id,
    title: "",
    status: spell(checkStatus(status), board),
    priority: "medium",
    createdAt: board.now,
    microtasks: [],
    dependencies: [],
    ...Object.fromEntries(given),
  };
  return { task: board.copyOf(board.add(task)), changed: Object.keys(task) };
}

export function updateTask(
  board: TaskBoard,
  id: TaskId,
  changes: TaskChanges,
  conditions: TaskConditions,
): Edited {
  const task = board.require(id, () => `update task ${id}`);
  checkConditions(board, task, conditions);
  const wanted = typeof changes === "function" ? changes(board.copyOf(task)) : changes;
  checkGiven(wanted);
  refuseClaim(wanted);
  const fields: Record<string, unknown> = { ...wanted };
  const { id: given = task.id } = fields;
  if (!isTaskId(given) || String(given) !== String(task.id))
    throw new TypeError(`the id of task ${task.id} cannot be changed`);
  const differs = (name: string): boolean => !isEqual(task[name], fields[name]);
  checkFields(fields, Object.keys(fields).filter(differs)); // what a script wrote may be given back
  const { billing } = board.copyOf(task);
  if (isObject(fields["billing"]))
    fields["billing"] = { ...(isObject(billing) ? billing : {}), ...fields["billing"] };
  if (Object.hasOwn(fields, "status")) Object.assign(fields, statusFields(board, task, fields, conditions));
  for (const dependency of addedDependencies(task, fields["dependencies"]))
    board.require(dependency, () => `make task ${id} wait for ${dependency}`);
  const changed = board.set(task, fields);
  return { task: board.copyOf(task), changed };
}

export function removeTask(board: TaskBoard, id: TaskId, conditions: TaskConditions): Edited {
  const task = board.require(id, () => `remove task ${id}`);
  checkConditions(board, task, conditions);
  const removed = board.copyOf(task);
  board.remove(id);
  return { task: removed, changed: Object.keys(removed) };
}

/** As FlowForge's `updateTaskFile`: sets the fields of the task, or adds it as it is. Any status is taken. */
export function putTask(board: TaskBoard, update: TaskUpdate): Edited {
  if (typeof update !== "object" || update === null || !isTaskId(update.id))
    throw new TypeError("a task must be an object with an id: a whole number or a non-empty string");
  // A script that writes back what it read must not bring back the claim of that time.
  const { claim: _, ...fields } = update as TaskUpdate & { readonly [field: string]: unknown };
  const task = board.get(update.id);
  if (task !== undefined) return { changed: board.set(task, fields), task: board.copyOf(task) };
  const added = { ...fields, id: update.id, createdAt: fields["createdAt"] ?? board.now };
  return { task: board.copyOf(board.add(added)), changed: Object.keys(added) };
}

function checkConditions(
  board: TaskBoard,
  task: DraftTask,
  { claim, force = false, expected = {} }: TaskConditions,
): void {
  if (claim !== undefined || !force) checkUnder(claim, () => checkClaim(task, claim, board.instant));
  for (const [field, value] of Object.entries(expected)) {
    const actual = field === "status" ? normalizeStatus(task.status) : task[field];
    const wanted = field === "status" && typeof value === "string" ? normalizeStatus(value) : value;
    if (!isEqual(actual, wanted))
      throw new TaskConflictError(task.id, field, value, board.copyOf(task)[field as "status"]);
  }
}

function statusFields(
  board: TaskBoard,
  task: DraftTask,
  fields: Readonly<Record<string, unknown>>,
  { force = false }: TaskConditions,
): Readonly<Record<string, unknown>> {
  const to = checkStatus(fields["status"]);
  checkTransition(task.id, task.status, to);
  const from = normalizeStatus(task.status);
  if (to === "in_progress" && from !== to && !force) {
    const blockers = blockersOf(task, board.byId);
    if (blockers.length > 0)
      throw new TaskTransitionError(task.id, from, to, `it waits for ${blockers.join(", ")}`);
  }
  const status = from === to ? task.status : spell(to, board, task);
  if (to === "completed")
    return { status, completedAt: fields["completedAt"] ?? task.completedAt ?? board.now };
  return { status, completedAt: undefined };
}

function addedDependencies(task: DraftTask, dependencies: unknown): readonly TaskId[] {
  if (!Array.isArray(dependencies)) return [];
  const known = new Set((task.dependencies ?? []).map(String));
  return (dependencies as readonly TaskId[]).filter((id) => !known.has(String(id)));
}

function refuseClaim(fields: object): void {
  if ("claim" in fields)
    throw new TypeError("claim cannot be set: use claims.claim(), renew() and release()");
}
