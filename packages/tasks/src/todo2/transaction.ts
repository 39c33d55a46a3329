import type { Instant } from "@flockwork/core";
import type { SqliteStatement } from "./sqlite.ts";

/** Prepares statements, each once. */
interface Statements {
  statement(text: string): SqliteStatement;
}

/** The database inside one transaction. */
export class Transaction {
  readonly #connection: Statements;
  /** The instant all of it carries, read after the write lock was had. */
  readonly instant: Instant;

  constructor(connection: Statements, instant: Instant) {
    this.#connection = connection;
    this.instant = instant;
  }

  /** Unix seconds. A claim holds until its second has begun, so times of grants are rounded down. */
  get now(): number {
    return Math.floor(this.instant.wallMs / 1_000);
  }

  get nowIso(): string {
    return new Date(this.instant.wallMs).toISOString();
  }

  /** A statement, prepared once for the connection. */
  sql(text: string): SqliteStatement {
    return this.#connection.statement(text);
  }
}
