import {
  instantOf,
  type Clock,
  type DocumentSpec,
  type SchemaIssue,
  type StoreDocument,
  type WaitOptions,
} from "@flockwork/core";
import { ChangeQueue } from "../change-queue.ts";
import type { Claims } from "../claims/claims.ts";
import { checkUnder } from "../claims/held-claim.ts";
import { StoreClaims } from "../claims/store-claims.ts";
import { checkComment } from "./check-fields.ts";
import { checkStateVersion, StateBoard, stateFileName, todoToTask, type StateFile } from "./state-board.ts";
import { addComment, commentsIn, dropComments } from "./state-comments.ts";
import { checkStateClaim, stateClaims } from "./state-claims.ts";
import type { NewTodo2Task, Todo2Comment, Todo2Fields, Todo2Filter, Todo2Task } from "./task.ts";
import { Todo2, type ChangeTodo2Options } from "./todo2.ts";

/**
 * Opens exarp's tasks where there is no database: `.todo2/state.todo2.json` in the directory of a project, under the lock that
 * exarp's documentation names. exarp itself writes this file without any lock, and in place: while it runs, use the database.
 */
export function openTodo2State(
  directory: string,
  options: { readonly clock?: Clock | undefined } = {},
): Todo2StateFile {
  return new Todo2StateFile(directory, options.clock);
}

/** The tasks of `state.todo2.json`. Made by {@link openTodo2State}. */
export class Todo2StateFile extends Todo2 {
  readonly claims: Claims<string>;
  readonly #document: StoreDocument<StateFile>;
  readonly #queue: ChangeQueue<StateFile, StateBoard>;
  readonly #clock: Clock | undefined;

  constructor(directory: string, clock: Clock | undefined) {
    super(directory, clock);
    this.#clock = clock;
    this.#document = this.files.document<StateFile>({
      name: stateFileName,
      schema: stateFile,
      defaults: () => ({ todos: [] }),
      layout: "todo2",
      finalNewline: false, // as exarp ends it
    });
    const queue = new ChangeQueue(
      this.#document,
      (draft: StateFile) => new StateBoard(draft, instantOf(clock)),
    );
    this.#queue = queue;
    this.claims = new StoreClaims(stateClaims, {
      clock,
      submit: (change, wait) => queue.submit(change, wait),
      alone: (change, wait) => queue.alone(change, wait),
      look: async (look) => look(await this.#board()),
    });
  }

  async list(filter: Todo2Filter = {}): Promise<readonly Todo2Task[]> {
    const statuses = filter.status === undefined ? undefined : [filter.status].flat();
    return (await this.#board()).file.todos
      .map(todoToTask)
      .filter(
        (task) =>
          (statuses?.includes(task.status) ?? true) &&
          (filter.tag === undefined || task.tags.includes(filter.tag)) &&
          (["assignee", "parent_id", "project_id"] as const).every(
            (name) => filter[name] === undefined || task[name] === filter[name],
          ),
      );
  }

  async get(id: string): Promise<Todo2Task | undefined> {
    const todo = (await this.#board()).byId.get(id);
    return todo && todoToTask(todo);
  }

  async create(fields: NewTodo2Task, options?: WaitOptions): Promise<Todo2Task> {
    return (await this.#queue.submit((board) => board.create(fields), waitOf(options))).value;
  }

  async update(id: string, fields: Todo2Fields, options: ChangeTodo2Options = {}): Promise<Todo2Task> {
    const { value } = await this.#queue.submit((board) => {
      this.#check(board, id, () => `update ${id}`, options);
      return board.update(id, fields);
    }, waitOf(options));
    return value;
  }

  async remove(id: string, options: ChangeTodo2Options = {}): Promise<void> {
    await this.#queue.submit((board) => {
      this.#check(board, id, () => `remove ${id}`, options);
      board.remove(id);
      dropComments(board.file, id);
    }, waitOf(options));
  }

  async comment(
    id: string,
    type: Todo2Comment["type"],
    content: string,
    options?: WaitOptions,
  ): Promise<Todo2Comment> {
    checkComment(type, content);
    const { value } = await this.#queue.submit((board) => {
      const { file, instant } = board;
      return addComment(
        file,
        board.require(id, () => `comment on ${id}`),
        { type, content, instant },
      );
    }, waitOf(options));
    return value;
  }

  async comments(id: string): Promise<readonly Todo2Comment[]> {
    const { file, byId } = await this.#board();
    const todo = byId.get(id);
    return todo === undefined ? [] : commentsIn(file, todo);
  }

  close(): Promise<void> {
    return this.files.close();
  }

  #check(board: StateBoard, id: string, attempt: () => string, options: ChangeTodo2Options): void {
    const todo = board.require(id, attempt);
    checkStateVersion(todo, options.expectedVersion);
    if (options.claim !== undefined || options.force !== true)
      checkUnder(options.claim, () => checkStateClaim(board, todo, options.claim));
  }

  async #board(): Promise<StateBoard> {
    return new StateBoard((await this.#document.read()) as StateFile, instantOf(this.#clock));
  }
}

const stateFile: NonNullable<DocumentSpec<StateFile>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const { todos } = (value ?? {}) as { readonly todos?: unknown };
      const issues: SchemaIssue[] = [];
      if (!Array.isArray(todos))
        issues.push({ message: "not exarp's state: expected a list", path: ["todos"] });
      for (const [at, todo] of (Array.isArray(todos) ? (todos as readonly unknown[]) : []).entries())
        if (typeof (todo as { id?: unknown } | null)?.id !== "string")
          issues.push({ message: "a task must be an object with an id", path: ["todos", at] });
      return issues.length === 0 ? { value: value as StateFile } : { issues };
    },
  },
};

function waitOf({ timeoutMs, signal }: WaitOptions = {}): WaitOptions {
  return { timeoutMs, signal };
}
