/** Tasks in exarp's tables: read, added, changed and removed inside a transaction. Values are always parameters. */
import {
  DependencyCycleError,
  TaskConflictError,
  TaskExistsError,
  TaskFormatError,
  TaskNotFoundError,
} from "../errors.ts";
import { findCycle } from "../graph.ts";
import { inWords } from "../in-words.ts";
import { checkFields } from "./check-fields.ts";
import { countOf } from "./count-of.ts";
import type { Transaction } from "./transaction.ts";
import type { SqliteValue } from "./sqlite.ts";
import {
  checkIsText,
  checkTodo2Id,
  type NewTodo2Task,
  type Todo2Fields,
  type Todo2Filter,
  type Todo2Task,
} from "./task.ts";

/** A row of `tasks`. */
export type TaskRow = Readonly<Record<string, SqliteValue>> & {
  readonly id: string;
  readonly version: number;
  readonly status: string;
};

/** Fields of a task that are columns of the same name. */
const columns = [
  "name",
  "content",
  "long_description",
  "status",
  "priority",
  "estimated_hours",
  "actual_hours",
  "project_id",
  "parent_id",
  "assigned_to",
  "host",
  "agent",
  "completed_at",
] as const;

const where = "todo2.db";

export function rowOf(transaction: Transaction, id: string): TaskRow | undefined {
  return transaction.sql("SELECT * FROM tasks WHERE id = ?").get(id) as TaskRow | undefined;
}

/** @throws {TaskNotFoundError} `ERR_TASK_NOT_FOUND`. */
export function requireRow(transaction: Transaction, id: string, attempt: () => string): TaskRow {
  checkIsText(id);
  const row = rowOf(transaction, id);
  if (row === undefined) throw new TaskNotFoundError(attempt(), id, where);
  return row;
}

/**
 * The row of a task that a change is to count.
 * @throws {TaskNotFoundError} `ERR_TASK_NOT_FOUND`. {@link TaskFormatError} `ERR_TASK_FORMAT`: nothing can be counted from its version.
 */
export function requireCounted(transaction: Transaction, id: string, attempt: () => string): TaskRow {
  const row = requireRow(transaction, id, attempt);
  nextOf(row.version, "version", attempt());
  return row;
}

/** The number after a version or a token. @throws {TaskFormatError} there is none, or none that can be read again. */
export function nextOf(value: unknown, what: "version" | "token", attempt: string): number {
  const next = countOf((countOf(value) ?? Infinity) + 1);
  if (next !== undefined) return next;
  const found = `has ${inWords(value)} for its ${what}`;
  throw new TaskFormatError(
    `Cannot ${attempt}: ${where}`,
    `${found}, which is no whole number below 2^53. Correct that row`,
  );
}

export function taskOf(transaction: Transaction, row: TaskRow): Todo2Task {
  const list = (sql: string): string[] =>
    (transaction.sql(sql).all(row.id) as { v: string }[]).map(({ v }) => v);
  const fields = Object.entries(row).filter(
    ([name, value]) =>
      value !== null && !["metadata", "metadata_protobuf", "metadata_format", "completed"].includes(name),
  );
  return {
    ...(Object.fromEntries(fields) as unknown as Todo2Task),
    content: String(row["content"] ?? ""),
    completed: row["completed"] === 1,
    tags: list("SELECT tag AS v FROM task_tags WHERE task_id = ? ORDER BY tag"),
    dependencies: list(
      "SELECT depends_on_id AS v FROM task_dependencies WHERE task_id = ? ORDER BY depends_on_id",
    ),
    ...metadataOf(row),
  };
}

export function listTasks(transaction: Transaction, filter: Todo2Filter = {}): readonly Todo2Task[] {
  const rows = transaction.sql("SELECT * FROM tasks ORDER BY created_at, id").all() as TaskRow[];
  const statuses = filter.status === undefined ? undefined : [filter.status].flat();
  const matches = (row: TaskRow): boolean =>
    (statuses?.includes(row.status) ?? true) &&
    (["assignee", "parent_id", "project_id"] as const).every(
      (name) => filter[name] === undefined || row[name] === filter[name],
    );
  const tasks = rows.filter(matches).map((row) => taskOf(transaction, row));
  return filter.tag === undefined ? tasks : tasks.filter(({ tags }) => tags.includes(filter.tag as string));
}

export function insertTask(transaction: Transaction, fields: NewTodo2Task): Todo2Task {
  const { id: given, ...rest } = fields;
  checkFields(rest, ["content", ...Object.keys(rest)]);
  const id = given === undefined ? nextId(transaction) : checkTodo2Id(given);
  if (rowOf(transaction, id) !== undefined) throw new TaskExistsError(id, where);
  // A task that is made again must not give out the tokens of its namesake.
  const last = transaction.sql("SELECT token FROM flockwork_claims WHERE task_id = ?").get(id) as
    | { token: unknown }
    | undefined;
  transaction
    .sql(
      "INSERT INTO tasks (id, status, created, last_modified, created_at, updated_at, version, metadata_format) VALUES (?, 'Todo', ?, ?, ?, ?, ?, 'json')",
    )
    .run(
      id,
      transaction.nowIso,
      transaction.nowIso,
      transaction.now,
      transaction.now,
      last === undefined ? 1 : nextOf(last.token, "token", `create ${id}`),
    );
  setFields(transaction, id, { priority: "medium", name: fields.content, ...rest });
  return taskOf(
    transaction,
    requireRow(transaction, id, () => `create ${id}`),
  );
}

/** Sets columns, tags and dependencies, without counting the version. */
export function setFields(transaction: Transaction, id: string, fields: Todo2Fields): void {
  for (const name of columns) {
    if (!Object.hasOwn(fields, name)) continue;
    const value = fields[name] ?? null;
    transaction.sql(`UPDATE tasks SET ${name} = ? WHERE id = ?`).run(value, id);
  }
  if (fields.status !== undefined && fields.completed_at === undefined)
    setCompleted(transaction, id, fields.status);
  if (Object.hasOwn(fields, "metadata")) setMetadata(transaction, id, fields);
  if (Object.hasOwn(fields, "tags")) {
    transaction.sql("DELETE FROM task_tags WHERE task_id = ?").run(id);
    for (const tag of new Set(fields.tags))
      transaction.sql("INSERT INTO task_tags VALUES (?, ?)").run(id, tag);
  }
  if (Object.hasOwn(fields, "dependencies")) setDependencies(transaction, id, fields.dependencies ?? []);
}

/** @throws {TaskConflictError} it is at another version. */
export function checkVersion({ id, version }: TaskRow, expected: number | undefined): void {
  if (expected !== undefined && version !== expected)
    throw new TaskConflictError(id, "version", expected, version);
}

function setCompleted(transaction: Transaction, id: string, status: string): void {
  const done = status === "Done";
  transaction
    .sql(
      "UPDATE tasks SET completed = ?, completed_at = CASE WHEN ? THEN coalesce(completed_at, ?) END WHERE id = ?",
    )
    .run(done ? 1 : 0, done ? 1 : 0, transaction.nowIso, id);
}

/** Metadata is JSON from then on: what stood there as protobuf would contradict it. */
function setMetadata(transaction: Transaction, id: string, { metadata }: Todo2Fields): void {
  const text = metadata === undefined ? null : JSON.stringify(metadata);
  transaction
    .sql("UPDATE tasks SET metadata = ?, metadata_format = 'json', metadata_protobuf = NULL WHERE id = ?")
    .run(text, id);
}

function setDependencies(transaction: Transaction, id: string, dependencies: readonly string[]): void {
  for (const each of dependencies)
    requireRow(transaction, checkTodo2Id(each), () => `make ${id} wait for ${each}`);
  const ofOther = transaction.sql("SELECT depends_on_id AS v FROM task_dependencies WHERE task_id = ?");
  const cycle = findCycle([id], (each) =>
    each === id ? dependencies : (ofOther.all(each) as { v: string }[]).map(({ v }) => v),
  );
  if (cycle !== undefined) throw new DependencyCycleError(cycle, where);
  transaction.sql("DELETE FROM task_dependencies WHERE task_id = ?").run(id);
  const insert = transaction.sql("INSERT INTO task_dependencies VALUES (?, ?)");
  for (const each of new Set(dependencies)) insert.run(id, each);
}

function nextId(transaction: Transaction): string {
  const { v } = transaction
    .sql(
      "SELECT max(CAST(substr(id, 3) AS INTEGER)) AS v FROM tasks WHERE id GLOB 'T-[0-9]*' AND length(id) < 14",
    )
    .get() as { v: number | null };
  return `T-${(v ?? 0) + 1}`;
}

function metadataOf(row: TaskRow): Pick<Todo2Task, "metadata"> {
  const text = row["metadata"];
  if (typeof text !== "string" || text === "") return {};
  let metadata: unknown;
  try {
    metadata = JSON.parse(text);
  } catch (cause) {
    throw new TaskFormatError(`The metadata of ${row.id}`, "is not JSON", { cause });
  }
  return { metadata: metadata as Record<string, unknown> };
}
