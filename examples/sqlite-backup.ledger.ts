import { DatabaseSync } from "node:sqlite";

const accounts = 2_000;
const inAll = accounts * 100;

/** A small SQLite database whose balances always add up to the same sum. */
export interface Ledger {
  /** One transaction that writes to every page of the file. */
  moveEverything(): void;
  close(): void;
}

export function openLedger(path: string): Ledger {
  const database = new DatabaseSync(path);
  // A small cache, as a large database has in comparison: pages of a transaction reach the file before it is committed.
  database.exec("PRAGMA busy_timeout = 60000; PRAGMA cache_size = 10; PRAGMA synchronous = OFF");
  return {
    moveEverything: () =>
      database.exec("BEGIN IMMEDIATE; UPDATE account SET balance = balance + (id % 2) * 2 - 1; COMMIT"),
    close: () => database.close(),
  };
}

export function createLedger(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER, note TEXT); BEGIN");
  const insert = database.prepare("INSERT INTO account VALUES (?, 100, ?)");
  for (let id = 1; id <= accounts; id += 1) insert.run(id, "x".repeat(200));
  database.exec("COMMIT");
  database.close();
}

/** What is wrong with a copy of the database; undefined when nothing is. */
export function faultOf(path: string): string | undefined {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const checked = database.prepare("PRAGMA integrity_check").get();
      const sum = Number(database.prepare("SELECT sum(balance) AS sum FROM account").get()?.["sum"]);
      if (checked?.["integrity_check"] !== "ok") return "its pages do not fit together";
      return sum === inAll ? undefined : `its balances add up to ${sum}, not ${inAll}`;
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
