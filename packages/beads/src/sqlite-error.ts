import { ReadFailedError, WriteFailedError } from "@flockwork/core";
import { DatabaseFormatError } from "./errors.ts";

/** What SQLite says of a file that is damaged, or no database. */
const damaged: ReadonlySet<number> = new Set([11, 26]);
const cannotOpen = 14;
/** What it says of a statement that does not fit the tables. */
const badStatement = 1;

/** A damaged database, for a caller; any other failure as it is: that of a caller's own statement is theirs. */
export function typedDamage(path: string, error: unknown): unknown {
  const result = resultOf(error);
  if (result === undefined) return error;
  if (damaged.has(result))
    return new DatabaseFormatError(path, "is no database, or a damaged one", { cause: error });
  return result === cannotOpen ? new ReadFailedError(path, error, "Is it a database?") : error;
}

/** What a failure of a statement of ours is for a caller. Errors that are not SQLite's pass as they are. */
export function typedError(path: string, error: unknown): unknown {
  const typed = typedDamage(path, error);
  const result = resultOf(typed);
  if (result === undefined) return typed;
  if (result === badStatement) {
    const { message } = error as Error;
    return new DatabaseFormatError(path, `has not the tables of bd (${message})`, { cause: error });
  }
  return new WriteFailedError(path, "read or change", error);
}

/** The primary result code of an error of SQLite; undefined for any other error. */
function resultOf(error: unknown): number | undefined {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === "ERR_SQLITE_ERROR" && typeof errcode === "number" ? errcode & 0xff : undefined;
}
