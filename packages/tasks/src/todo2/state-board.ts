/** The tasks of one draft of `state.todo2.json`, by id. Its methods check first: one that throws has changed nothing. */
import type { Instant } from "@flockwork/core";
import { DependencyCycleError, TaskConflictError, TaskExistsError, TaskNotFoundError } from "../errors.ts";
import { findCycle } from "../graph.ts";
import { changedFields } from "./changed-fields.ts";
import { checkFields } from "./check-fields.ts";
import { withContentHash } from "./content-hash.ts";
import { countOf } from "./count-of.ts";
import { checkIsText, checkTodo2Id, type NewTodo2Task, type Todo2Fields, type Todo2Task } from "./task.ts";
import { inWords } from "../in-words.ts";

/** One entry of `todos`. What exarp does not know is ours: version, and who holds it until when. */
export type StateTodo = Record<string, unknown> & { readonly id: string };

/** The file. */
export interface StateFile {
  todos: StateTodo[];
  comments?: unknown[] | undefined;
}

export const stateFileName = ".todo2/state.todo2.json";

export class StateBoard {
  readonly file: StateFile;
  readonly instant: Instant;
  #todos: Map<string, StateTodo> | undefined;

  constructor(file: StateFile, instant: Instant) {
    this.file = file;
    this.instant = instant;
  }

  /** Unix seconds, rounded down. */
  get now(): number {
    return Math.floor(this.instant.wallMs / 1_000);
  }

  get nowIso(): string {
    return new Date(this.instant.wallMs).toISOString();
  }

  get byId(): ReadonlyMap<string, StateTodo> {
    return (this.#todos ??= new Map(this.file.todos.map((todo) => [todo.id, todo])));
  }

  /** @throws {TaskNotFoundError} `ERR_TASK_NOT_FOUND`. */
  require(id: string, attempt: () => string): StateTodo {
    checkIsText(id);
    const todo = this.byId.get(id);
    if (todo === undefined) throw new TaskNotFoundError(attempt(), id, stateFileName);
    return todo;
  }

  create(fields: NewTodo2Task): Todo2Task {
    const { id: named, ...rest } = fields;
    checkFields(rest, ["content", ...Object.keys(rest)]);
    const id = named === undefined ? this.#nextId() : checkTodo2Id(named);
    if (this.byId.has(id)) throw new TaskExistsError(id, stateFileName);
    this.#checkDependencies(id, fields.dependencies);
    const given = Object.entries(rest).filter(([, value]) => value !== undefined);
    const at = this.nowIso;
    const todo: StateTodo = {
      id,
      name: fields.content,
      status: "Todo",
      priority: "medium",
      created: at,
      created_at: at,
      ...Object.fromEntries(given),
      ...(fields.status === undefined ? {} : completion(fields.status, fields.completed_at, at)),
      updated: at,
      last_modified: at,
      version: 1,
    };
    this.file.todos.push(todo);
    (this.byId as Map<string, StateTodo>).set(id, this.file.todos.at(-1) as StateTodo);
    return todoToTask(todo);
  }

  update(id: string, given: Todo2Fields): Todo2Task {
    const todo = this.require(id, () => `update ${id}`);
    const before = todoToTask(todo);
    const fields = withContentHash(before, given);
    const changed = changedFields(before, fields);
    if (changed.length === 0) return before;
    checkFields(fields, changed); // what is equal may be given: the fields of a task that was read
    if (changed.includes("dependencies")) this.#checkDependencies(id, fields.dependencies);
    for (const name of changed) set(todo, name, fields[name as keyof Todo2Fields]);
    if (changed.includes("status"))
      for (const [name, value] of Object.entries(
        completion(fields.status ?? "", fields.completed_at, this.nowIso),
      ))
        set(todo, name, value);
    this.touch(todo);
    return todoToTask(todo);
  }

  remove(id: string): void {
    const at = this.file.todos.findIndex((todo) => todo.id === id);
    if (at < 0) return;
    this.file.todos.splice(at, 1);
    (this.byId as Map<string, StateTodo>).delete(id);
  }

  /** Counts a write of a task. */
  touch(todo: StateTodo): void {
    set(todo, "version", versionOf(todo) + 1);
    set(todo, "last_modified", this.nowIso);
    if ("updated" in todo) set(todo, "updated", this.nowIso);
  }

  #checkDependencies(id: string, dependencies: readonly string[] | undefined): void {
    for (const each of dependencies ?? [])
      this.require(checkTodo2Id(each), () => `make ${id} wait for ${each}`);
    const cycle = findCycle([id], (each) =>
      each === id ? (dependencies ?? []) : listOf(this.byId.get(each)?.["dependencies"]),
    );
    if (cycle !== undefined) throw new DependencyCycleError(cycle, stateFileName);
  }

  #nextId(): string {
    const numbers = this.file.todos.map(({ id }) => Number(/^T-(\d{1,11})$/.exec(id)?.[1] ?? 0));
    return `T-${numbers.reduce((highest, each) => Math.max(highest, each), 0) + 1}`;
  }
}

/** Sets a field of an entry; `undefined` removes it. */
export function set(todo: StateTodo, name: string, value: unknown): void {
  if (value === undefined) delete (todo as Record<string, unknown>)[name];
  else (todo as Record<string, unknown>)[name] = value;
}

/** @throws {TaskConflictError} it is at another version. */
export function checkStateVersion(todo: StateTodo, expected: number | undefined): void {
  const version = versionOf(todo);
  if (expected !== undefined && version !== expected)
    throw new TaskConflictError(todo.id, "version", expected, version);
}

/** 1 where there is none, or none that can be counted on. */
export function versionOf(todo: StateTodo): number {
  return countOf(todo["version"]) ?? 1;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function todoToTask(todo: StateTodo): Todo2Task {
  const { claim_token: _, claim_lease_ms: __, ...fields } = JSON.parse(JSON.stringify(todo)) as StateTodo;
  return {
    ...(fields as unknown as Todo2Task),
    content: textOf(todo["content"]) ?? "",
    status: textOf(todo["status"]) ?? "Todo",
    created: textOf(todo["created"]) ?? textOf(todo["created_at"]) ?? "",
    completed: todo["completed"] === true || todo["status"] === "Done",
    tags: listOf(todo["tags"]),
    dependencies: listOf(todo["dependencies"]),
    version: versionOf(todo),
  };
}

function completion(
  status: string,
  completedAt: string | undefined,
  now: string,
): Readonly<Record<string, unknown>> {
  const done = status === "Done";
  return { completed: done, completed_at: done ? (completedAt ?? now) : undefined };
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(inWords) : [];
}
