import { ClosedError, instantOf, type Clock, type WaitOptions } from "@flockwork/core";
import { isInTransaction, typedError, type SqliteDatabase, type SqliteStatement } from "./sqlite.ts";
import { Transaction } from "./transaction.ts";
import { untilFree } from "./until-free.ts";

/** What SQLite waits by itself, blocking this thread; what is longer is waited for without blocking. */
const blockingMs = 5;

/** What a connection is to. */
export interface ConnectionOptions {
  readonly open: () => SqliteDatabase;
  /** Whether it is closed with the connection. */
  readonly owned: boolean;
  /** Refuses a database that cannot be worked on. */
  readonly check: (database: SqliteDatabase) => void;
  readonly clock: Clock | undefined;
  readonly durability: "disk" | "os";
}

interface Job {
  readonly change: (transaction: Transaction) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection. Changes that are asked for at the same time share one `BEGIN IMMEDIATE`: each has its own savepoint, its own
 * result and its own error, and what throws leaves nothing behind. While another connection writes, it is tried again, with
 * growing pauses that do not block the thread, until the time is over.
 */
export class Connection {
  readonly where: string;
  readonly clock: Clock | undefined;
  readonly #options: ConnectionOptions;
  #database: SqliteDatabase | undefined;
  #checked = false;
  #closed = false;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #waiting = new Map<number | undefined, Job[]>();

  constructor(where: string, options: ConnectionOptions) {
    this.where = where;
    this.clock = options.clock;
    this.#options = options;
  }

  /** The open database, whatever is in it. */
  get database(): SqliteDatabase {
    if (this.#closed) throw new ClosedError(`use ${this.where}`);
    if (this.#database !== undefined) return this.#database;
    const database = this.#options.open();
    try {
      // For each connection: SQLite forgets all of these but the journal's mode when it is closed.
      database.exec(`PRAGMA busy_timeout = ${blockingMs}`);
      database.exec("PRAGMA foreign_keys = ON");
      database.exec("PRAGMA journal_mode = WAL");
      database.exec(`PRAGMA synchronous = ${this.#options.durability === "disk" ? "FULL" : "NORMAL"}`);
    } catch (error) {
      if (this.#options.owned) database.close();
      throw error;
    }
    return (this.#database = database);
  }

  statement(text: string): SqliteStatement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = this.database.prepare(text);
    this.#statements.set(text, made);
    return made;
  }

  /** Runs a look at one state of the database, whatever others write meanwhile. */
  look<R>(look: (transaction: Transaction) => R): Promise<R> {
    return this.untilFree(() => {
      this.#check();
      const work = (): R => look(new Transaction(this, instantOf(this.clock)));
      return isInTransaction(this.database) ? work() : this.#within("BEGIN", work);
    });
  }

  submit<R>(
    change: (transaction: Transaction) => R,
    { timeoutMs, signal }: WaitOptions = {},
  ): Promise<{ readonly value: R }> {
    return new Promise<unknown>((resolve, reject) => {
      const job = { change, resolve, reject };
      if (signal !== undefined) return void this.#run(() => [job], { timeoutMs, signal });
      const waiting = this.#waiting.get(timeoutMs);
      if (waiting !== undefined) return void waiting.push(job);
      this.#waiting.set(timeoutMs, [job]);
      queueMicrotask(() => void this.#run(() => this.#take(timeoutMs), { timeoutMs }));
    }).then((value) => ({ value: value as R }));
  }

  /** Runs work in a transaction of its own, at once. */
  change<R>(work: () => R): R {
    return this.#within("BEGIN IMMEDIATE", work);
  }

  /** The same: each change has a savepoint. */
  alone<R>(
    change: (transaction: Transaction) => R,
    options: WaitOptions = {},
  ): Promise<{ readonly value: R }> {
    return this.submit(change, options);
  }

  close(): void {
    this.#closed = true;
    this.#statements.clear();
    if (this.#options.owned) this.#database?.close();
    this.#database = undefined;
  }

  /** Runs something that a writing connection may be in the way of, until it is not. @throws {LockTimeoutError} */
  untilFree<R>(attempt: () => R, wait: WaitOptions = {}): Promise<R> {
    return untilFree(this.where, attempt, wait);
  }

  /** A database that lacks what is needed is not touched. */
  #check(): void {
    if (this.#checked) return;
    this.#options.check(this.database);
    this.#checked = true;
  }

  #take(timeoutMs: number | undefined): readonly Job[] {
    const jobs = this.#waiting.get(timeoutMs) ?? [];
    this.#waiting.delete(timeoutMs);
    return jobs;
  }

  async #run(take: () => readonly Job[], wait: WaitOptions): Promise<void> {
    let jobs: readonly Job[] | undefined;
    try {
      const tell = await this.untilFree(() => {
        this.#check();
        return this.#within("BEGIN IMMEDIATE", () => {
          const these = (jobs ??= take());
          const transaction = new Transaction(this, instantOf(this.clock));
          return these.map((job) => this.#attempt(job, transaction, these.length > 1));
        });
      }, wait);
      for (const say of tell) say();
    } catch (error) {
      for (const { reject } of jobs ?? take()) reject(error);
    }
  }

  /** Runs work in a transaction: all of it, or nothing, when it throws or cannot be committed. */
  #within<R>(begin: string, work: () => R): R {
    this.statement(begin).run();
    let open = true;
    try {
      const value = work();
      this.statement("COMMIT").run();
      open = false;
      return value;
    } finally {
      if (open) this.#rollBack();
    }
  }

  #attempt({ change, resolve, reject }: Job, transaction: Transaction, shared: boolean): () => void {
    if (shared) this.statement("SAVEPOINT job").run();
    try {
      const value = change(transaction);
      if (shared) this.statement("RELEASE job").run();
      return () => resolve(value);
    } catch (error) {
      if (!shared) throw error; // nothing of the transaction is to remain
      this.statement("ROLLBACK TO job").run();
      this.statement("RELEASE job").run();
      return () => reject(typedError(this.where, error));
    }
  }

  #rollBack(): void {
    try {
      this.statement("ROLLBACK").run();
    } catch {
      // SQLite rolled back by itself
    }
  }
}
