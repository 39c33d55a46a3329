import type { DatabaseSync } from "node:sqlite";
import type { IssuePatch } from "./change-issue.ts";
import { BeadInvalidError, BeadNotFoundError } from "./errors.ts";
import { instantAfter } from "./instant.ts";
import type { Issue } from "./issue.ts";

/** The columns of bd's table that are fields of an issue; a database may have some of them only. */
const columns = new Set(
  (
    "id title description design acceptance_criteria notes status priority issue_type assignee owner estimated_minutes " +
    "created_at created_by updated_at closed_at close_reason due_at defer_until external_ref pinned ephemeral"
  ).split(" "),
);
const flags = new Set(["pinned", "ephemeral"]);
const numbers = new Set(["priority", "estimated_minutes"]);

function presentColumns(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("SELECT name FROM pragma_table_info('issues')").all();
  return rows.map(({ name }) => String(name)).filter((name) => columns.has(name));
}

/**
 * All issues of the table, with their labels. An integer past 2^53 is a bigint, as in a line. A row whose id is no text is none.
 * @throws what SQLite throws, as `typedError` has it.
 */
export function readRows(database: DatabaseSync): readonly Issue[] {
  const names = presentColumns(database);
  const labels = labelsById(database);
  return allRows(database, `SELECT ${[...new Set(["id", ...names])].join(", ")} FROM issues`).flatMap(
    (row) => {
      const { id } = row;
      if (typeof id !== "string" || id === "") return [];
      const fields = Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
        value === null || value === "" ? [] : [[name, fieldOf(name, value)]],
      );
      const issue = Object.fromEntries(fields) as unknown as Issue;
      const own = labels.get(id);
      return own === undefined ? [issue] : [{ ...issue, labels: own }];
    },
  );
}

function allRows(database: DatabaseSync, sql: string): readonly Record<string, unknown>[] {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all();
}

function fieldOf(name: string, value: unknown): unknown {
  if (flags.has(name)) return value !== 0n;
  return numbers.has(name) ? asNumber(value) : asText(value);
}

function asNumber(value: unknown): unknown {
  const isExact = typeof value === "bigint" && Number.isSafeInteger(Number(value));
  return isExact ? Number(value) : value;
}

/** SQLite keeps anything in a column of texts. */
function asText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}

function labelsById(database: DatabaseSync): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, string[]>();
  const known = database
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'labels'")
    .get();
  if (known === undefined) return labels;
  for (const { issue_id: id, label } of allRows(
    database,
    "SELECT issue_id, label FROM labels WHERE label IS NOT NULL",
  ))
    labels.set(asText(id), [...(labels.get(asText(id)) ?? []), asText(label)]);
  return labels;
}

/** Changes columns of one row. @throws {BeadNotFoundError | BeadInvalidError} nothing is kept: the transaction is undone. */
export function writeRow(database: DatabaseSync, id: string, patch: IssuePatch): void {
  const names = new Set(presentColumns(database));
  const current = database.prepare("SELECT updated_at FROM issues WHERE id = ?");
  current.setReadBigInts(true);
  const row = current.get(id);
  if (row === undefined) throw new BeadNotFoundError(id, `update ${id}`);
  const now = instantAfter(asText(row["updated_at"]), Date.now());
  const closed = patch.status === undefined ? undefined : patch.status === "closed" ? now : null;
  const wanted: IssuePatch = {
    ...(closed !== undefined && { closed_at: closed }),
    ...patch,
    updated_at: now,
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    if (!names.has(name) || name === "id")
      throw new BeadInvalidError(id, [
        { message: "is no column of beads.db that this changes", path: [name] },
      ]);
    // The name is one of a fixed list; the value is a parameter.
    database.prepare(`UPDATE issues SET ${name} = ? WHERE id = ?`).run(asColumn(value), id);
  }
}

function asColumn(value: unknown): string | number | bigint | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  return value === null ? null : JSON.stringify(value);
}
