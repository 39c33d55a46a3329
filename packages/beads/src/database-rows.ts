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

function presentColumns(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("SELECT name FROM pragma_table_info('issues')").all();
  return rows.map(({ name }) => String(name)).filter((name) => columns.has(name));
}

/** All issues of the table, with their labels. An integer past 2^53 is a bigint, as in a line. */
export function readRows(database: DatabaseSync): readonly Issue[] {
  const names = presentColumns(database);
  const labels = labelsById(database);
  const all = database.prepare(`SELECT ${names.join(", ")} FROM issues`);
  all.setReadBigInts(true);
  return all.all().map((row) => {
    const fields = Object.entries(row).flatMap(([name, value]): [string, unknown][] => {
      if (value === null || value === "") return [];
      return [[name, flags.has(name) ? value !== 0n : asNumber(value)]];
    });
    const issue = Object.fromEntries(fields) as unknown as Issue;
    const own = labels.get(issue.id);
    return own === undefined ? issue : { ...issue, labels: own };
  });
}

function asNumber(value: unknown): unknown {
  const isExact = typeof value === "bigint" && Number.isSafeInteger(Number(value));
  return isExact ? Number(value) : value;
}

function labelsById(database: DatabaseSync): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, string[]>();
  const known = database
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'labels'")
    .get();
  if (known === undefined) return labels;
  for (const { issue_id: id, label } of database.prepare("SELECT issue_id, label FROM labels").all())
    labels.set(String(id), [...(labels.get(String(id)) ?? []), String(label)]);
  return labels;
}

/** Changes columns of one row. @throws {BeadNotFoundError | BeadInvalidError} nothing is kept: the transaction is undone. */
export function writeRow(database: DatabaseSync, id: string, patch: IssuePatch): void {
  const names = new Set(presentColumns(database));
  const row = database.prepare("SELECT status, updated_at FROM issues WHERE id = ?").get(id);
  if (row === undefined) throw new BeadNotFoundError(id, `update ${id}`);
  const now = instantAfter(String(row["updated_at"]), Date.now());
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
