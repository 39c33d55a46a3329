import { DatabaseSync } from "node:sqlite";
import { loadPeer } from "../measure/peers.ts";

/** What is used of a SQLite database: the two drivers agree on it. */
export interface Sqlite {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

export interface SqliteStatement {
  run(...values: (string | number)[]): { readonly changes: number | bigint };
  get(...values: (string | number)[]): Readonly<Record<string, unknown>> | undefined;
}

export type SqliteDriver = "node:sqlite" | "better-sqlite3";

/** What SQLite has to do for it. */
export const synchronousOf = (durability: "disk" | "os"): "FULL" | "NORMAL" =>
  durability === "disk" ? "FULL" : "NORMAL";

/** WAL. FULL survives the power, NORMAL the process. */
export function openSqlite(
  path: string,
  synchronous: "FULL" | "NORMAL" = "FULL",
  driver: SqliteDriver = "node:sqlite",
): Sqlite {
  const database = driver === "node:sqlite" ? new DatabaseSync(path) : openBetterSqlite(path);
  database.exec("PRAGMA busy_timeout = 60000");
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
  return database;
}

function openBetterSqlite(path: string): Sqlite {
  const Database = loadPeer("better-sqlite3") as new (path: string) => Sqlite;
  return new Database(path);
}

/** A database with one row of text. */
export interface SqliteDocument {
  read(): string;
  /** One transaction: read, change, write, as durable as the database is when it returns. */
  update(change: (text: string) => string): void;
}

export function sqliteDocument(path: string, text: string, ...how: SqliteHow): SqliteDocument {
  const database = openSqlite(path, ...how);
  database.exec("CREATE TABLE IF NOT EXISTS document (id INTEGER PRIMARY KEY, text TEXT)");
  database.prepare("INSERT OR IGNORE INTO document VALUES (1, ?)").run(text);
  const select = database.prepare("SELECT text FROM document WHERE id = 1");
  const replace = database.prepare("UPDATE document SET text = ? WHERE id = 1");
  const read = (): string => String(select.get()?.["text"]);
  return {
    read,
    update(change) {
      database.exec("BEGIN IMMEDIATE");
      replace.run(change(read()));
      database.exec("COMMIT");
    },
  };
}

type SqliteHow = [synchronous?: "FULL" | "NORMAL", driver?: SqliteDriver];
