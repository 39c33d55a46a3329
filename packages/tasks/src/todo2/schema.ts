/**
 * The tables of exarp's `.todo2/todo2.db`, as its migrations 1 to 8 leave them, and a table of ours beside them.
 *
 * A column or table that is there is left as it is; what is missing is added, whatever version the file says it has.
 */
import { TaskFormatError } from "../errors.ts";
import type { SqliteDatabase } from "./sqlite.ts";

/** The version of exarp's schema that this package reads and writes. Later ones only add to it. */
export const schemaVersion = 8;

const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, name TEXT, content TEXT, long_description TEXT, status TEXT NOT NULL DEFAULT 'Todo', priority TEXT,
    completed INTEGER DEFAULT 0, task_number INTEGER, estimated_hours REAL, actual_hours REAL, created TEXT NOT NULL,
    last_modified TEXT, completed_at TEXT, project_id TEXT, metadata TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')), updated_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')))`,
  `CREATE TABLE IF NOT EXISTS task_tags (
    task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE, tag TEXT NOT NULL, PRIMARY KEY (task_id, tag))`,
  `CREATE TABLE IF NOT EXISTS task_dependencies (
    task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
    depends_on_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, depends_on_id), CHECK (task_id != depends_on_id))`,
  `CREATE TABLE IF NOT EXISTS task_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE, field TEXT NOT NULL,
    old_value TEXT, new_value TEXT, timestamp TEXT NOT NULL, created_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')))`,
  `CREATE TABLE IF NOT EXISTS task_comments (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE, comment_type TEXT NOT NULL,
    content TEXT NOT NULL, created TEXT NOT NULL, last_modified TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')))`,
  `CREATE TABLE IF NOT EXISTS task_activities (
    id TEXT PRIMARY KEY, activity_type TEXT NOT NULL, task_id TEXT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
    task_name TEXT, timestamp TEXT NOT NULL, details TEXT, created_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')))`,
  `CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL DEFAULT (strftime('%s', 'now')), description TEXT)`,
  // Ours: which version each task had right after its last claim. Outlives the task, so that no token is given twice.
  `CREATE TABLE IF NOT EXISTS flockwork_claims (
    task_id TEXT PRIMARY KEY, token INTEGER NOT NULL, assigned_at INTEGER NOT NULL, lease_ms REAL) WITHOUT ROWID`,
];

/** Columns of `tasks` that can be missing: what migrations 2 to 8 added, and what older files of other makes lack. */
const columns: Readonly<Record<string, string>> = {
  name: "TEXT",
  long_description: "TEXT",
  priority: "TEXT",
  completed: "INTEGER DEFAULT 0",
  task_number: "INTEGER",
  estimated_hours: "REAL",
  actual_hours: "REAL",
  last_modified: "TEXT",
  completed_at: "TEXT",
  project_id: "TEXT",
  metadata: "TEXT",
  created_at: "INTEGER NOT NULL DEFAULT 0",
  updated_at: "INTEGER NOT NULL DEFAULT 0",
  version: "INTEGER NOT NULL DEFAULT 1",
  assignee: "TEXT",
  assigned_at: "INTEGER",
  lock_until: "INTEGER",
  metadata_protobuf: "BLOB",
  metadata_format: "TEXT DEFAULT 'json'",
  parent_id: "TEXT",
  assigned_to: "TEXT",
  host: "TEXT",
  agent: "TEXT",
};

const indexes: readonly string[] = [
  "idx_tasks_status ON tasks(status)",
  "idx_tasks_priority ON tasks(priority)",
  "idx_tasks_created ON tasks(created_at)",
  "idx_tasks_completed ON tasks(completed)",
  "idx_tasks_last_modified ON tasks(last_modified)",
  "idx_tasks_project ON tasks(project_id)",
  "idx_tasks_status_assignee ON tasks(status, assignee)",
  "idx_tasks_lock_until ON tasks(lock_until) WHERE lock_until > 0",
  "idx_tasks_id_version ON tasks(id, version)",
  "idx_tasks_metadata_format ON tasks(metadata_format)",
  "idx_tasks_parent ON tasks(parent_id)",
  "idx_tasks_assigned_to ON tasks(assigned_to) WHERE assigned_to IS NOT NULL",
  "idx_tasks_host ON tasks(host) WHERE host IS NOT NULL",
  "idx_tasks_agent ON tasks(agent) WHERE agent IS NOT NULL",
  "idx_task_tags_task ON task_tags(task_id)",
  "idx_task_tags_tag ON task_tags(tag)",
  "idx_task_deps_task ON task_dependencies(task_id)",
  "idx_task_deps_depends ON task_dependencies(depends_on_id)",
  "idx_task_changes_task ON task_changes(task_id)",
  "idx_task_changes_timestamp ON task_changes(timestamp)",
  "idx_task_comments_task ON task_comments(task_id)",
  "idx_task_comments_type ON task_comments(comment_type)",
  "idx_task_activities_task ON task_activities(task_id)",
  "idx_task_activities_type ON task_activities(activity_type)",
  "idx_task_activities_timestamp ON task_activities(timestamp)",
];

/** What a database has, and lacks. */
export interface SchemaState {
  /** The highest version that exarp's migrations noted; 0 for an empty database. */
  readonly version: number;
  /** Whether there are tasks at all. */
  readonly hasTasks: boolean;
  /** What `migrate` would add: names of tables and of columns of `tasks`. */
  readonly missing: readonly string[];
}

/** Looks at a database. @throws {TaskFormatError} its table `tasks` is another program's. */
export function inspectSchema(database: SqliteDatabase, where: string): SchemaState {
  const names = new Set(
    (database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]).map(
      ({ name }) => name,
    ),
  );
  const hasTasks = names.has("tasks");
  const found = new Set(
    (database.prepare("SELECT name FROM pragma_table_info('tasks')").all() as { name: string }[]).map(
      ({ name }) => name,
    ),
  );
  if (hasTasks && !["id", "status", "content", "created"].every((name) => found.has(name)))
    throw new TaskFormatError(where, "is not exarp's database: its table tasks has other columns");
  const version = names.has("schema_migrations")
    ? Number(
        (database.prepare("SELECT max(version) AS v FROM schema_migrations").get() as { v: number | null })
          .v ?? 0,
      )
    : 0;
  const wanted = tables.map((sql) => /EXISTS (\w+)/.exec(sql)?.[1] ?? "");
  const missing = [
    ...wanted.filter((name) => !names.has(name)),
    ...Object.keys(columns).filter((name) => !found.has(name)),
  ];
  return { version, hasTasks, missing };
}

/** Adds what is missing. Runs inside a transaction of the caller. */
export function applySchema(database: SqliteDatabase, where: string): void {
  for (const sql of tables) database.exec(sql);
  const { missing } = inspectSchema(database, where);
  for (const [name, type] of Object.entries(columns))
    if (missing.includes(name)) database.exec(`ALTER TABLE tasks ADD COLUMN ${name} ${type}`);
  for (const name of ["created_at", "updated_at"])
    if (missing.includes(name))
      database.exec(`UPDATE tasks SET ${name} = coalesce(CAST(strftime('%s', created) AS INTEGER), 0)`);
  for (const index of indexes) database.exec(`CREATE INDEX IF NOT EXISTS ${index}`);
  const note = database.prepare(
    "INSERT OR IGNORE INTO schema_migrations (version, description) VALUES (?, ?)",
  );
  for (let version = 1; version <= schemaVersion; version += 1) note.run(version, "ensured by flockwork");
}
