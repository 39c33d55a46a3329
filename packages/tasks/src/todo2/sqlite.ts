import { ReadFailedError, UnsupportedError, WriteFailedError } from "@flockwork/core";
import { TaskFormatError } from "../errors.ts";

/** A value that SQLite stores. */
export type SqliteValue = string | number | bigint | null | Uint8Array;

/** A statement, as `node:sqlite` and better-sqlite3 have it. Parameters are positional. */
export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint };
  get(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
}

/** A database, as `node:sqlite` and better-sqlite3 have it: a synchronous connection. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/**
 * Opens a database of a file with `node:sqlite`. A missing file is created.
 * @throws {UnsupportedError} `ERR_UNSUPPORTED`: this Node has none. {@link ReadFailedError} it cannot be opened.
 */
export function openSqlite(path: string): SqliteDatabase {
  const builtin = process.getBuiltinModule("node:sqlite");
  if (builtin === undefined)
    throw new UnsupportedError(
      "node:sqlite",
      "this Node has none. Pass a database of better-sqlite3 instead",
    );
  try {
    return new builtin.DatabaseSync(path);
  } catch (cause) {
    throw new ReadFailedError(path, cause, "Is its directory there, and is it a database?");
  }
}

/** What a failure of SQLite is for a caller. Errors that are not SQLite's pass as they are. */
export function typedError(where: string, error: unknown): unknown {
  const { errcode, code, message } = error as { errcode?: unknown; code?: unknown; message?: unknown };
  if (code === "ERR_OUT_OF_RANGE" && String(message).includes("JavaScript number"))
    return new TaskFormatError(
      where,
      "holds an integer past 2^53, which cannot be read here. Correct that row",
      {
        cause: error,
      },
    );
  const isSqlite =
    typeof errcode === "number" || (typeof code === "string" && /^(?:ERR_)?SQLITE_/.test(code));
  if (!isSqlite) return error;
  const damaged =
    typeof errcode === "number" ? [11, 26].includes(errcode & 0xff) : /CORRUPT|NOTADB/.test(String(code));
  if (damaged)
    return new TaskFormatError(where, "is no database, or a damaged one. Move it away", { cause: error });
  return new WriteFailedError(where, "read or change", error);
}

/** Whether a statement failed because another connection was writing: nothing was changed, and it can be tried again. */
export function isBusy(error: unknown): boolean {
  const { errcode, code, message } = error as { errcode?: unknown; code?: unknown; message?: unknown };
  if (typeof errcode === "number") return (errcode & 0xff) === 5 || (errcode & 0xff) === 6;
  if (typeof code === "string" && /^SQLITE_(BUSY|LOCKED)/.test(code)) return true;
  return typeof message === "string" && /database (table )?is locked/.test(message);
}

/** Whether a connection that was handed in is inside a transaction of its owner: what it reads is of one state already. */
export function isInTransaction(database: SqliteDatabase): boolean {
  const { isTransaction, inTransaction } = database as { isTransaction?: unknown; inTransaction?: unknown };
  return isTransaction === true || inTransaction === true;
}
