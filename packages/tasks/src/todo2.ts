// exarp's database
export { openTodo2, Todo2Database, type Migration, type Todo2Options } from "./todo2/database.ts";
export { schemaVersion, type SchemaState } from "./todo2/schema.ts";
export type { SqliteDatabase, SqliteStatement, SqliteValue } from "./todo2/sqlite.ts";

// Its tasks where there is no database
export { openTodo2State, Todo2StateFile } from "./todo2/state-file.ts";

// Its tasks, wherever they lie
export { Todo2, type ChangeTodo2Options, type LockStatus } from "./todo2/todo2.ts";
export type {
  NewTodo2Task,
  Todo2Comment,
  Todo2Fields,
  Todo2Filter,
  Todo2Priority,
  Todo2Status,
  Todo2Task,
} from "./todo2/task.ts";

// Agents and their claims
export type {
  BatchClaimResult,
  ClaimResult,
  LockEntry,
  StaleLockOptions,
  StaleLocks,
} from "./todo2/agent-claims.ts";
export { getAgentId, getAgentIdSimple, type AgentIdOptions } from "./todo2/agent-id.ts";
export { contentHash } from "./todo2/content-hash.ts";
export { withGitLock } from "./todo2/file-locks.ts";

// What sessions leave for the next
export type { NewTodo2Handoff, Todo2Handoff, Todo2Handoffs } from "./todo2/handoffs.ts";
