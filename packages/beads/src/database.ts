import type { DatabaseSync } from "node:sqlite";
import {
  listDirectory,
  ReadFailedError,
  UnsupportedError,
  withReadLock,
  withWriteLock,
  type WaitOptions,
} from "@flockwork/core";
import { typedDamage, typedError } from "./sqlite-error.ts";
import { basename, dirname, resolve } from "node:path";

/** How a database is used. `timeoutMs` bounds the wait for the lock of its file, and then that for SQLite's own locks. */
export interface DatabaseOptions extends WaitOptions {
  /** Make the database when there is none. Default false: an error. Only for writing. */
  readonly create?: boolean | undefined;
}

const busyMs = 30_000;

/**
 * Runs `work` with a database opened for reading, under the shared lock of its file: no backup or restore of ours is going on,
 * and no program that takes Gas Town's lock writes. The database is closed when `work` ends.
 *
 * @param work - Synchronous or not; other readers run beside it, writers wait. Give values as parameters, never inside SQL.
 * @throws {ReadFailedError} `ERR_READ_FAILED`: no such file. {@link DatabaseFormatError} `ERR_DATABASE_FORMAT`: it is no database, or a
 * damaged one. {@link LockTimeoutError} `ERR_LOCK_TIMEOUT`: `work` did not run.
 */
export async function withDatabaseRead<R>(
  path: string,
  work: (database: DatabaseSync) => R | Promise<R>,
  options: DatabaseOptions = {},
): Promise<R> {
  checkThere(path);
  return await withReadLock(path, () => withDatabase(path, { readOnly: true }, work), lockOf(options));
}

/**
 * Runs `work` in one transaction of a database, under the exclusive lock of its file. What `work` throws undoes all of it.
 * @throws as {@link withDatabaseRead}; nothing was changed.
 */
export async function withDatabaseWrite<R>(
  path: string,
  work: (database: DatabaseSync) => R | Promise<R>,
  options: DatabaseOptions = {},
): Promise<R> {
  if (options.create !== true) checkThere(path);
  const inTransaction = async (database: DatabaseSync): Promise<R> => {
    const run = (sql: string): void => {
      try {
        database.exec(sql);
      } catch (error) {
        throw typedError(path, error);
      }
    };
    run("BEGIN IMMEDIATE");
    try {
      const result = await work(database);
      run("COMMIT");
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  return await withWriteLock(path, () => withDatabase(path, {}, inTransaction), lockOf(options));
}

/**
 * Copies a database while others use it, with SQLite's own backup: the copy is one state, whatever is written meanwhile.
 *
 * @param target - A file that does not exist yet, or an earlier backup.
 * @returns How many pages were copied.
 * @throws {UnsupportedError} `ERR_UNSUPPORTED`: this Node has no backup (it came with 22.16 and 23.8). Nothing was written.
 */
export async function backupDatabase(
  path: string,
  target: string,
  options: DatabaseOptions = {},
): Promise<number> {
  checkThere(path);
  return await withReadLock(
    path,
    () => withWriteLock(target, () => copyDatabase(path, target), lockOf(options)),
    lockOf(options),
  );
}

/**
 * Puts the content of a backup into a database, with SQLite's own backup, in one transaction: whoever has it open sees the old
 * content or the new.
 *
 * @throws {UnsupportedError} the backup is damaged (its integrity is checked first), or Node has no backup. Nothing was changed.
 */
export async function restoreDatabase(
  backup: string,
  path: string,
  options: DatabaseOptions = {},
): Promise<number> {
  checkThere(backup);
  return await withWriteLock(
    path,
    async () => {
      await withDatabase(backup, { readOnly: true }, (database) => {
        const [row] = database.prepare("PRAGMA integrity_check").all();
        const verdict = Object.values(row ?? {})[0];
        if (verdict !== "ok")
          throw new UnsupportedError(
            `Restoring ${backup}`,
            `its integrity check says: ${String(verdict).slice(0, 200)}`,
          );
      });
      return await copyDatabase(backup, path);
    },
    lockOf(options),
  );
}

async function copyDatabase(from: string, to: string): Promise<number> {
  const { backup } = await sqlite();
  if (typeof backup !== "function")
    throw new UnsupportedError(
      "Backing up a database",
      "node:sqlite of this Node has no backup; use Node 22.16 or later",
    );
  return await withDatabase(from, { readOnly: true }, async (database) => {
    database.exec("PRAGMA schema_version"); // looks whether this is a database: from here on, what is none is the target
    try {
      return await backup(database, resolve(to));
    } catch (error) {
      throw typedDamage(to, error);
    }
  });
}

async function withDatabase<R>(
  path: string,
  options: { readonly readOnly?: boolean },
  work: (database: DatabaseSync) => R | Promise<R>,
): Promise<R> {
  const { DatabaseSync: Database } = await sqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new Database(resolve(path), options);
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    return await work(database);
  } catch (error) {
    throw typedDamage(path, error);
  } finally {
    database?.close();
  }
}

/** Loaded when it is needed: in Node 22 the mere import prints a warning. */
async function sqlite() {
  return await import("node:sqlite");
}

function lockOf({ timeoutMs, signal }: DatabaseOptions): WaitOptions & { readonly layout: "beads" } {
  return { timeoutMs, signal, layout: "beads" };
}

/** SQLite makes an empty database where there is none. */
function checkThere(path: string): void {
  const name = basename(resolve(path));
  const entries = listDirectory(dirname(resolve(path))) ?? [];
  if (entries.some((entry) => entry.name === name && entry.kind === "file")) return;
  throw new ReadFailedError(path, Object.assign(new Error("no such file"), { code: "ENOENT" }));
}
