import { DatabaseSync } from "node:sqlite";

/** A SQLite database with one row of text, as durable as ours: WAL, synchronous=FULL. */
export interface SqliteDocument {
  read(): string;
  /** One transaction: read, change, write, on disk when it returns. */
  update(change: (text: string) => string): void;
}

export function openSqlite(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 60000");
  return database;
}

export function sqliteDocument(path: string, text: string): SqliteDocument {
  const database = openSqlite(path);
  database.exec("CREATE TABLE document (id INTEGER PRIMARY KEY, text TEXT)");
  database.prepare("INSERT INTO document VALUES (1, ?)").run(text);
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
