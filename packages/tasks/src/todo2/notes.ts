import { randomBytes } from "node:crypto";
import { checkComment } from "./check-fields.ts";
import type { Transaction } from "./transaction.ts";
import type { Todo2Comment } from "./task.ts";

/** Writes down in exarp's table of activities what was done to a task, and by whom. */
export function noteActivity(
  transaction: Transaction,
  id: string,
  type: string,
  details: Readonly<Record<string, unknown>>,
): void {
  transaction
    .sql(
      "INSERT INTO task_activities (id, activity_type, task_id, timestamp, details) VALUES (?, ?, ?, ?, ?)",
    )
    .run(`activity-${uniqueIn(transaction)}`, type, id, transaction.nowIso, JSON.stringify(details));
}

export function insertComment(
  transaction: Transaction,
  id: string,
  type: Todo2Comment["type"],
  content: string,
): Todo2Comment {
  checkComment(type, content);
  const comment = {
    id: `${id}-C-${uniqueIn(transaction)}`,
    task_id: id,
    type,
    content,
    created: transaction.nowIso,
  };
  transaction
    .sql("INSERT INTO task_comments (id, task_id, comment_type, content, created) VALUES (?, ?, ?, ?, ?)")
    .run(comment.id, id, type, content, comment.created);
  return comment;
}

export function commentsOf(transaction: Transaction, id: string): readonly Todo2Comment[] {
  return transaction
    .sql(
      "SELECT id, task_id, comment_type AS type, content, created FROM task_comments WHERE task_id = ? ORDER BY created_at, rowid",
    )
    .all(id) as Todo2Comment[];
}

function uniqueIn({ instant }: Transaction): string {
  return `${Math.floor(instant.wallMs)}-${randomBytes(6).toString("hex")}`;
}
