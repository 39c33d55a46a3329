import { join } from "node:path";
import type { Clock, WaitOptions } from "@flockwork/core";
import type { Claims } from "../claims/claims.ts";
import { checkUnder } from "../claims/held-claim.ts";
import { StoreClaims } from "../claims/store-claims.ts";
import { TaskFormatError } from "../errors.ts";
import { changedFields } from "./changed-fields.ts";
import { checkFields } from "./check-fields.ts";
import { checkRowClaim, rowClaims } from "./claim-rows.ts";
import { Connection } from "./connection.ts";
import { withContentHash } from "./content-hash.ts";
import type { Transaction } from "./transaction.ts";
import { commentsOf, insertComment } from "./notes.ts";
import { applySchema, inspectSchema, schemaVersion, type SchemaState } from "./schema.ts";
import { openSqlite, type SqliteDatabase } from "./sqlite.ts";
import {
  checkVersion,
  insertTask,
  listTasks,
  requireCounted,
  requireRow,
  rowOf,
  setFields,
  taskOf,
} from "./task-rows.ts";
import type { NewTodo2Task, Todo2Comment, Todo2Fields, Todo2Filter, Todo2Task } from "./task.ts";
import { Todo2, type ChangeTodo2Options } from "./todo2.ts";

/** How exarp's database is opened. */
export interface Todo2Options {
  /** A connection to use in place of a new one: `node:sqlite`'s, or better-sqlite3's. It stays the caller's to close. */
  readonly database?: SqliteDatabase | undefined;
  /**
   * `"os"` (default, as exarp has it): a change survives the death of the process; a loss of power may take the last ones.
   * `"disk"`: it survives that too.
   */
  readonly durability?: "disk" | "os" | undefined;
  /** What tells the time to claims. Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
}

/** What a migration did. */
export interface Migration extends SchemaState {
  /** The copy that was made before, where one was. */
  readonly backup: string | undefined;
}

/**
 * Opens exarp's database, `.todo2/todo2.db` in the directory of a project. Nothing is opened until it is used. One that lacks
 * the columns of claims is refused until `migrate` has added them; a new one is made by `migrate`.
 *
 * @example
 * const todo2 = openTodo2(".");
 * await todo2.migrate({ backup: true });
 * const { success, lockedBy } = await todo2.claimTaskForAgent("T-7", getAgentId(), 30 * 60_000);
 */
export function openTodo2(directory: string, options: Todo2Options = {}): Todo2Database {
  return new Todo2Database(directory, options);
}

/** The tasks of exarp's database. Made by {@link openTodo2}. */
export class Todo2Database extends Todo2 {
  readonly claims: Claims<string>;
  readonly #path: string;
  readonly #connection: Connection;

  constructor(directory: string, { database, durability = "os", clock }: Todo2Options) {
    super(directory, clock);
    this.#path = join(directory, ".todo2", "todo2.db");
    const path = this.#path;
    this.#connection = new Connection(path, {
      open: () => database ?? openSqlite(path),
      owned: database === undefined,
      check: (opened) => checkSchema(opened, path),
      clock,
      durability,
    });
    this.claims = new StoreClaims(rowClaims, this.#connection);
  }

  /**
   * Brings a database to exarp's schema version 8, adding what is missing and keeping what is there; makes a new one.
   *
   * @param options.backup - Copy the database first, beside it, when there is something to add to tasks that are there.
   * Default true.
   * @throws {TaskFormatError} `ERR_TASK_FORMAT`: another program's database. {@link LockTimeoutError} somebody writes all the time.
   */
  migrate(options: WaitOptions & { readonly backup?: boolean | undefined } = {}): Promise<Migration> {
    const { backup = true, timeoutMs, signal } = options;
    const lock = this.files.lock(".todo2/todo2.db", { layout: "todo2" });
    return lock.withWrite(() => this.#migrate(backup), { timeoutMs, signal });
  }

  list(filter?: Todo2Filter): Promise<readonly Todo2Task[]> {
    return this.#connection.look((transaction) => listTasks(transaction, filter));
  }

  get(id: string): Promise<Todo2Task | undefined> {
    return this.#connection.look((transaction) => {
      const row = rowOf(transaction, id);
      return row && taskOf(transaction, row);
    });
  }

  create(fields: NewTodo2Task, options?: WaitOptions): Promise<Todo2Task> {
    return this.#change((transaction) => insertTask(transaction, fields), options);
  }

  update(id: string, fields: Todo2Fields, options: ChangeTodo2Options = {}): Promise<Todo2Task> {
    return this.#change((transaction) => {
      const row = requireCounted(transaction, id, () => `update ${id}`);
      checkVersion(row, options.expectedVersion);
      if (options.claim !== undefined || options.force !== true)
        checkUnder(options.claim, () => checkRowClaim(transaction, row, options.claim));
      const task = taskOf(transaction, row);
      const wanted = withContentHash(task, fields);
      const changed = changedFields(task, wanted);
      if (changed.length === 0) return task;
      checkFields(wanted, changed); // what is equal may be given: the fields of a task that was read
      setFields(
        transaction,
        id,
        Object.fromEntries(changed.map((name) => [name, wanted[name as keyof Todo2Fields]])),
      );
      this.#count(transaction, id);
      return taskOf(
        transaction,
        requireRow(transaction, id, () => `update ${id}`),
      );
    }, options);
  }

  async remove(id: string, options: ChangeTodo2Options = {}): Promise<void> {
    await this.#change((transaction) => {
      const row = requireCounted(transaction, id, () => `remove ${id}`);
      checkVersion(row, options.expectedVersion);
      if (options.claim !== undefined || options.force !== true)
        checkUnder(options.claim, () => checkRowClaim(transaction, row, options.claim));
      // The next task of that id goes on counting where this one ends.
      transaction
        .sql(
          "INSERT INTO flockwork_claims VALUES (?, ?, 0, NULL) ON CONFLICT (task_id) DO UPDATE SET token = excluded.token",
        )
        .run(id, row.version);
      transaction.sql("DELETE FROM tasks WHERE id = ?").run(id);
    }, options);
  }

  comment(
    id: string,
    type: Todo2Comment["type"],
    content: string,
    options?: WaitOptions,
  ): Promise<Todo2Comment> {
    return this.#change((transaction) => {
      requireRow(transaction, id, () => `comment on ${id}`);
      return insertComment(transaction, id, type, content);
    }, options);
  }

  comments(id: string): Promise<readonly Todo2Comment[]> {
    return this.#connection.look((transaction) => commentsOf(transaction, id));
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  async #migrate(wantsBackup: boolean): Promise<Migration> {
    const connection = this.#connection;
    const before = await connection.untilFree(() => inspectSchema(connection.database, this.#path));
    if (before.missing.length === 0) return { ...before, backup: undefined };
    const stamp = new Date(this.nowMs()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const backup = before.hasTasks && wantsBackup ? `${this.#path}.backup-${stamp}` : undefined;
    await connection.untilFree(() => {
      if (backup !== undefined) connection.database.prepare("VACUUM INTO ?").run(backup);
    });
    await connection.untilFree(() => connection.change(() => applySchema(connection.database, this.#path)));
    return { ...before, version: schemaVersion, backup };
  }

  #count(transaction: Transaction, id: string): void {
    transaction
      .sql("UPDATE tasks SET version = version + 1, updated_at = ?, last_modified = ? WHERE id = ?")
      .run(transaction.now, transaction.nowIso, id);
  }

  async #change<R>(change: (transaction: Transaction) => R, options: WaitOptions = {}): Promise<R> {
    const { timeoutMs, signal } = options;
    return (await this.#connection.submit(change, { timeoutMs, signal })).value;
  }
}

function checkSchema(database: SqliteDatabase, path: string): void {
  const { hasTasks, missing } = inspectSchema(database, path);
  if (missing.length === 0) return;
  const why = hasTasks ? `lacks ${missing.join(", ")}` : "has no tasks yet";
  throw new TaskFormatError(
    path,
    `${why}. Call migrate() first: it adds what is missing and keeps what is there`,
  );
}
