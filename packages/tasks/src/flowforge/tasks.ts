/** The changes of a FlowForge task list. What each does is in `edit-task`, `claim-task`, `milestones` and `microtasks`. */
import { instantOf, type Clock, type DocumentDraft, type Store, type WaitOptions } from "@flockwork/core";
import { ChangeQueue } from "../change-queue.ts";
import { openStore } from "../open-store.ts";
import { createTask, putTask, removeTask, updateTask, type Edited, type TaskChanges } from "./edit-task.ts";
import { addMicrotask, setMicrotask } from "./microtasks.ts";
import { removeMilestone, setMilestone } from "./milestones.ts";
import { TaskBoard } from "./task-board.ts";
import { TaskDraft } from "./task-draft.ts";
import { TaskClaims } from "./task-claims.ts";
import { taskFileName } from "./task-file.ts";
import { TaskReading } from "./task-reading.ts";
import type {
  FlowForgeTask,
  FlowForgeTaskFile,
  Milestone,
  TaskFields,
  TaskId,
  TaskStatus,
  TaskUpdate,
} from "./task.ts";
import type { ChangeTaskOptions, OpenTasksOptions, TaskDeathEffect, TaskReceipt } from "./options.ts";
import { receiptOf, waitOf } from "./receipt.ts";

/**
 * Opens FlowForge's tasks: `.flowforge/tasks.json` in the directory of a project. Nothing is read or created until it is
 * asked for. FlowForge's own scripts and this exclude each other: it takes their locks after its own.
 *
 * @param place - The directory of the project, or a store that is opened on it.
 * @example
 * const tasks = openTasks(".");
 * const { task } = await tasks.create({ title: "Write it down", priority: "high" });
 * await tasks.update(task.id, { status: "completed" });
 */
export function openTasks(place: string | Store, options: OpenTasksOptions = {}): FlowForgeTasks {
  return new FlowForgeTasks(openStore(place), options);
}

/** The tasks of one project. Made by {@link openTasks}. Holds nothing open: keep it or drop it. */
export class FlowForgeTasks extends TaskReading {
  readonly #queue: ChangeQueue<FlowForgeTaskFile, TaskBoard>;
  readonly #clock: Clock | undefined;
  /** Who works on what: claims with an end, and with tokens that make late changes of a former holder fail. */
  readonly claims: TaskClaims;

  constructor(store: Store, { clock }: OpenTasksOptions = {}) {
    super(store);
    this.#clock = clock;
    this.#queue = new ChangeQueue(
      this.document,
      (draft, last) => new TaskBoard(draft, taskFileName, instantOf(clock), last),
    );
    const queue = this.#queue;
    this.claims = new TaskClaims({
      clock,
      submit: (change, wait) => queue.submit(change, wait),
      alone: (change, wait) => queue.alone(change, wait),
      look: async (look) => look(new TaskBoard(await this.file(), taskFileName, instantOf(clock))),
    });
  }

  /**
   * The calls of this list inside a store's `transact`, of which `document` is a member: committed with all the rest.
   * @example
   * await store.transact({ tasks: tasks.document, log }, (tx) => {
   *   const drafted = tasks.edit(tx.tasks);
   *   const claim = drafted.claim(7, { holder: "me" });
   *   if (claim.granted) tx.log.append({ type: "begun", token: claim.token });
   * });
   */
  edit(draft: DocumentDraft<FlowForgeTaskFile>): TaskDraft {
    return new TaskDraft(draft, instantOf(this.#clock));
  }

  /**
   * What a registry is to do when an agent is dead, in the commit that ends it: `agents.onDeath("*", tasks.releaseOnDeath())`.
   * The agent's claims end, and its tasks are pending again. The registry must be of the same store.
   *
   * @param holderOf - The name an agent claims under. Default: its id.
   */
  releaseOnDeath(holderOf: (death: { readonly id: string }) => string = ({ id }) => id): TaskDeathEffect {
    return {
      name: "tasks: release claims",
      members: { tasks: this.document },
      run: (death, { tasks }) => {
        this.edit(tasks).releaseHolder(holderOf(death), { by: "registry", reason: "the agent is dead" });
      },
    };
  }

  /**
   * Adds a task. Without an id it gets the next whole number; what else is missing is given FlowForge's defaults.
   * @throws {TaskExistsError | DependencyCycleError} nothing was changed. {@link TaskNotFoundError} it would wait for a task
   * that is not there. Or as `StoreDocument.update`.
   */
  create(
    fields: Partial<TaskFields> & { readonly id?: TaskId | undefined },
    options?: WaitOptions,
  ): Promise<TaskReceipt> {
    return this.#change((board) => createTask(board, fields), options);
  }

  /**
   * Changes fields of a task: those given, or those a function makes of the task as it is; `undefined` removes one, and
   * `billing` is merged field by field. A status moves as statuses move, and takes `completedAt` with it.
   *
   * @throws {TaskNotFoundError | TaskTransitionError | DependencyCycleError | TaskConflictError | TaskClaimedError} nothing was
   * changed. {@link StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`, {@link LeaseLostError}: the claim given is over.
   */
  update(id: TaskId, changes: TaskChanges, options: ChangeTaskOptions = {}): Promise<TaskReceipt> {
    return this.#change((board) => updateTask(board, id, changes, options), options);
  }

  /** Moves a task to a status. Throws as `update`. */
  setStatus(id: TaskId, status: TaskStatus, options?: ChangeTaskOptions): Promise<TaskReceipt> {
    return this.update(id, { status }, options);
  }

  /** Lets a task wait for another. Throws as `update`: a cycle is refused. */
  addDependency(id: TaskId, on: TaskId, options?: ChangeTaskOptions): Promise<TaskReceipt> {
    const add = (task: FlowForgeTask): Partial<TaskFields> => {
      const dependencies = task.dependencies ?? [];
      return dependencies.some((each) => String(each) === String(on))
        ? {}
        : { dependencies: [...dependencies, on] };
    };
    return this.update(id, add, options);
  }

  /** Lets a task no longer wait for another. Throws as `update`. */
  removeDependency(id: TaskId, on: TaskId, options?: ChangeTaskOptions): Promise<TaskReceipt> {
    const drop = ({ dependencies }: FlowForgeTask): Partial<TaskFields> => ({
      dependencies: (dependencies ?? []).filter((each) => String(each) !== String(on)),
    });
    return this.update(id, drop, options);
  }

  /** Removes a task, and its id from the tasks that wait for it. Throws as `update`. */
  remove(id: TaskId, options: ChangeTaskOptions = {}): Promise<TaskReceipt> {
    return this.#alone((board) => removeTask(board, id, options), options);
  }

  /** FlowForge's own call: sets the fields of a task, or adds it. Whatever status is given is written. See `./flowforge`. */
  updateTaskFile(
    task: TaskUpdate,
    options: { readonly timeout?: number | undefined } = {},
  ): Promise<TaskReceipt> {
    return this.#change((board) => putTask(board, task), { timeoutMs: options.timeout });
  }

  /** FlowForge's own call for several tasks at once: all of them, or, where it throws, none. */
  async batchUpdateTasks(
    tasks: readonly TaskUpdate[],
    options: { readonly timeout?: number | undefined } = {},
  ): Promise<readonly TaskReceipt[]> {
    if (!Array.isArray(tasks)) throw new TypeError("tasks must be an array");
    const changed = await this.#queue.alone((board) => tasks.map((task) => putTask(board, task)), {
      timeoutMs: options.timeout,
    });
    return changed.value.map((edited) => receiptOf(edited, changed));
  }

  /** Sets fields of a milestone, or adds it; `undefined` removes a field. */
  async setMilestone(
    key: string,
    fields: Readonly<Record<string, unknown>>,
    options?: WaitOptions,
  ): Promise<Milestone> {
    return (await this.#queue.submit((board) => setMilestone(board, key, fields), waitOf(options))).value;
  }

  /** False where there is none of that key. */
  async removeMilestone(key: string, options?: WaitOptions): Promise<boolean> {
    return (await this.#queue.submit((board) => removeMilestone(board, key), waitOf(options))).value;
  }

  /** Adds a small step to a task. */
  addMicrotask(id: TaskId, title: string, options?: WaitOptions): Promise<TaskReceipt> {
    return this.#change((board) => addMicrotask(board, id, title), options);
  }

  /** Marks a small step, by its id or its text, as done; or, with `completed: false`, as open. */
  setMicrotask(id: TaskId, microtask: TaskId, completed = true, options?: WaitOptions): Promise<TaskReceipt> {
    return this.#change((board) => setMicrotask(board, id, microtask, completed), options);
  }

  async #change(edit: (board: TaskBoard) => Edited, options?: ChangeTaskOptions): Promise<TaskReceipt> {
    const changed = await this.#queue.submit(edit, waitOf(options));
    return receiptOf(changed.value, changed);
  }

  async #alone(edit: (board: TaskBoard) => Edited, options?: ChangeTaskOptions): Promise<TaskReceipt> {
    const changed = await this.#queue.alone(edit, waitOf(options));
    return receiptOf(changed.value, changed);
  }
}
