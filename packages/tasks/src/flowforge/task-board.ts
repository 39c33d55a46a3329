import type { DeepReadonly, Instant } from "@flockwork/core";
import { DependencyCycleError, TaskExistsError, TaskNotFoundError } from "../errors.ts";
import { findCycle } from "../graph.ts";
import { isEqual } from "../json-equal.ts";
import { frozenCopy } from "./frozen-copy.ts";
import { isTaskId } from "./task-file.ts";
import type { FlowForgeTask, FlowForgeTaskFile, TaskId } from "./task.ts";

/** A task of a draft. */
export type DraftTask = { -readonly [K in keyof FlowForgeTask]: FlowForgeTask[K] } & Record<string, unknown>;

/** The file of a draft. */
export type DraftFile = {
  -readonly [K in Exclude<keyof FlowForgeTaskFile, "tasks">]: FlowForgeTaskFile[K];
} & {
  tasks: DraftTask[];
};

/**
 * The tasks of one draft by id, for all the changes of one recipe. Its methods check first and change afterwards: one that
 * throws has changed nothing.
 */
export class TaskBoard {
  readonly file: DraftFile;
  readonly where: string;
  /** The instant all changes of this recipe carry, read under the lock. */
  readonly instant: Instant;
  /** The same, ISO 8601. */
  readonly now: string;
  #tasks: Map<string, DraftTask> | undefined;

  readonly #last: DeepReadonly<FlowForgeTaskFile> | undefined;
  readonly #copies = new Map<DraftTask, FlowForgeTask>();

  /** @param last - The file as it was lately: says where to look first. */
  constructor(
    file: FlowForgeTaskFile,
    where: string,
    instant: Instant,
    last?: DeepReadonly<FlowForgeTaskFile>,
  ) {
    this.#last = last;
    this.file = file as DraftFile;
    this.where = where;
    this.instant = instant;
    this.now = new Date(instant.wallMs).toISOString();
  }

  get byId(): ReadonlyMap<string, DraftTask> {
    return (this.#tasks ??= new Map(this.file.tasks.map((task) => [String(task.id), task])));
  }

  get(id: TaskId): DraftTask | undefined {
    const key = String(id);
    // To look at a task of a draft costs something: first at the one that stood there lately.
    const at =
      this.#tasks === undefined && this.#last !== undefined ? placesIn(this.#last).get(key) : undefined;
    const guess = at === undefined ? undefined : this.file.tasks[at];
    return guess !== undefined && String(guess.id) === key ? guess : this.byId.get(key);
  }

  /** Whether the file spells `in-progress` so, and never `in_progress`. */
  get hyphenates(): boolean {
    const tasks: Iterable<{ readonly status?: string | undefined }> = this.#last?.tasks ?? this.byId.values();
    let hyphenated = false;
    for (const { status } of tasks) {
      if (status === "in_progress") return false;
      hyphenated ||= status === "in-progress";
    }
    return hyphenated;
  }

  /** @throws {TaskNotFoundError} `ERR_TASK_NOT_FOUND`. */
  require(id: TaskId, attempt: () => string): DraftTask {
    if (typeof id !== "string" && typeof id !== "number")
      throw new TypeError(`id must be a number or a string, got ${id === null ? "null" : typeof id}`);
    const task = this.get(id);
    if (task === undefined) throw new TaskNotFoundError(attempt(), id, this.where);
    return task;
  }

  /** A task as others may keep it: frozen, without ties to the draft. Reading a draft costs something, so it is read once. */
  copyOf(task: DraftTask): FlowForgeTask {
    const known = this.#copies.get(task);
    if (known !== undefined) return known;
    const copy = frozenCopy(task) as FlowForgeTask;
    this.#copies.set(task, copy);
    return copy;
  }

  /** The next free whole number. */
  nextId(): number {
    return nextNumber(this.file.tasks);
  }

  /** Adds a task at the end. @throws {TaskExistsError | DependencyCycleError} */
  add(task: { readonly id: TaskId } & Readonly<Record<string, unknown>>): DraftTask {
    if (this.get(task.id) !== undefined) throw new TaskExistsError(task.id, this.where);
    this.#checkDependencies(task.id, task["dependencies"]);
    this.file.tasks.push({ ...task } as DraftTask);
    const added = this.file.tasks.at(-1) as DraftTask;
    (this.byId as Map<string, DraftTask>).set(String(task.id), added);
    this.#touchFile();
    return added;
  }

  /**
   * Sets fields of a task; `undefined` removes one. What is equal already is left alone, and where all of it is, so are the
   * instants of the task and of the file.
   * @returns The fields that changed. @throws {DependencyCycleError}
   */
  set(task: DraftTask, fields: Readonly<Record<string, unknown>>): readonly string[] {
    const changed = Object.keys(fields).filter(
      (field) => field !== "id" && !isEqual(task[field], fields[field]),
    );
    if (changed.length === 0) return changed;
    if (changed.includes("dependencies")) this.#checkDependencies(task.id, fields["dependencies"]);
    const set = {
      ...pick(fields, changed),
      ...(changed.includes("updatedAt") ? {} : { updatedAt: this.now }),
    };
    for (const [field, value] of Object.entries(set)) {
      if (value === undefined) delete task[field];
      else task[field] = value;
    }
    const copy = this.#copies.get(task);
    if (copy !== undefined) this.#copies.set(task, frozenCopy({ ...copy, ...set }) as FlowForgeTask);
    this.#touchFile();
    return changed;
  }

  /** Removes a task, and its id from whatever waits for it. */
  remove(id: TaskId): void {
    const at = this.file.tasks.findIndex((task) => String(task.id) === String(id));
    if (at < 0) return;
    for (const task of this.file.tasks) {
      const rest = (task.dependencies ?? []).filter((each) => String(each) !== String(id));
      if (rest.length < (task.dependencies ?? []).length) this.set(task, { dependencies: rest });
    }
    this.file.tasks.splice(at, 1);
    (this.byId as Map<string, DraftTask>).delete(String(id));
    this.#touchFile();
  }

  touchFile(): void {
    this.#touchFile();
  }

  #touchFile(): void {
    if (this.file.lastUpdated !== undefined) this.file.lastUpdated = this.now;
  }

  #checkDependencies(id: TaskId, dependencies: unknown): void {
    if (dependencies === undefined || dependencies === null) return;
    if (!Array.isArray(dependencies) || !dependencies.every(isTaskId))
      throw new TypeError("dependencies must be a list of ids");
    const own = dependencies.map(String);
    const cycle = findCycle([String(id)], (each) =>
      each === String(id) ? own : (this.get(each)?.dependencies ?? []).map(String),
    );
    if (cycle !== undefined) throw new DependencyCycleError(cycle, this.where);
  }
}

/** The whole number after the highest among the ids: `7` and `"7"` are one. What else stands there is passed over. */
export function nextNumber(entries: Iterable<{ readonly id?: unknown }>): number {
  let highest = 0;
  for (const { id } of entries) {
    const number = typeof id === "string" ? Number(/^\d{1,15}$/.exec(id)?.[0] ?? 0) : id;
    if (Number.isSafeInteger(number) && Number(number) < Number.MAX_SAFE_INTEGER)
      highest = Math.max(highest, Number(number));
  }
  return highest + 1;
}

const places = new WeakMap<object, ReadonlyMap<string, number>>();

/** Where each task stands. */
function placesIn(file: DeepReadonly<FlowForgeTaskFile>): ReadonlyMap<string, number> {
  const known = places.get(file);
  if (known !== undefined) return known;
  const made = new Map(file.tasks.map(({ id }, at) => [String(id), at]));
  places.set(file, made);
  return made;
}

function pick(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
