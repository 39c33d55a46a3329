import type { DocumentSnapshot, Store, StoreDocument, WatchOptions } from "@flockwork/core";
import { currentMilestoneIn, currentMilestoneOf, milestonesOf } from "./milestones.ts";
import {
  blockersOf,
  byIdOf,
  filterTasks,
  implementationOrder,
  readyTasks,
  statisticsOf,
  type TaskFilter,
  type TaskStatistics,
} from "./queries.ts";
import { emptyTaskFile, taskFile, taskFileName } from "./task-file.ts";
import type { FlowForgeTask, FlowForgeTaskFile, Milestone, TaskId } from "./task.ts";

/** What can be asked of a FlowForge task list. None of it takes a lock. */
export abstract class TaskReading {
  /** The document the tasks lie in: a member for the store's `transact`, where the draft is the whole file. */
  readonly document: StoreDocument<FlowForgeTaskFile>;
  readonly #milestones: StoreDocument<unknown>;

  constructor(store: Store) {
    this.document = store.document<FlowForgeTaskFile>({
      name: taskFileName,
      schema: taskFile,
      defaults: emptyTaskFile,
      layout: "flowforge",
    });
    this.#milestones = store.document<unknown>({
      name: ".flowforge/milestones.json",
      defaults: () => ({}),
      layout: "flowforge",
    });
  }

  /** The tasks that match, as they stand in the file, frozen. Takes no lock. */
  async list(filter?: TaskFilter): Promise<readonly FlowForgeTask[]> {
    return filterTasks(await this.#tasks(), filter);
  }

  /** One task. Undefined where there is none of that id. */
  async get(id: TaskId): Promise<FlowForgeTask | undefined> {
    return (await this.#tasks()).find((task) => String(task.id) === String(id));
  }

  /**
   * Tasks that can be begun now: pending, todo or ready, and all they wait for is settled. In the implementation order that the
   * file's `metadata` may give, then the most urgent first.
   */
  async ready(filter?: TaskFilter): Promise<readonly FlowForgeTask[]> {
    return filterTasks(readyTasks(await this.file()), filter);
  }

  /** The task to begin next. Undefined where none is ready. To take it too, see `claims.claimNext`. */
  async next(filter?: TaskFilter): Promise<FlowForgeTask | undefined> {
    return (await this.ready(filter))[0];
  }

  /** Open tasks in an order in which they can be done. */
  async order(): Promise<readonly FlowForgeTask[]> {
    return implementationOrder(await this.file());
  }

  /** The ids a task waits for: what is not settled, or missing. None for a task that is not there. */
  async blockers(id: TaskId): Promise<readonly TaskId[]> {
    const byId = byIdOf(await this.#tasks());
    const task = byId.get(String(id));
    return task === undefined ? [] : blockersOf(task, byId);
  }

  async statistics(): Promise<TaskStatistics> {
    return statisticsOf(await this.#tasks());
  }

  /** The milestones, in whichever variant the file has them. */
  async milestones(): Promise<readonly Milestone[]> {
    return milestonesOf(await this.document.read());
  }

  /** The milestone that is worked on: what the file says, or `.flowforge/milestones.json` beside it. */
  async currentMilestone(): Promise<Milestone | undefined> {
    const found = currentMilestoneOf(await this.document.read());
    if (found !== undefined) return found;
    return currentMilestoneIn(await this.#milestones.read());
  }

  /** The file now, then each time somebody changed it. */
  watch(options?: WatchOptions): AsyncIterableIterator<DocumentSnapshot<FlowForgeTaskFile>> {
    return this.document.watch(options);
  }

  protected async file(): Promise<FlowForgeTaskFile> {
    return (await this.document.read()) as FlowForgeTaskFile;
  }

  async #tasks(): Promise<readonly FlowForgeTask[]> {
    return (await this.file()).tasks;
  }
}
