import type { TimeRecord } from "../book/change.ts";
import { TimeConflictError } from "../errors.ts";

/**
 * Operations that are taken back by other means: an invoice is voided, time is migrated back. What was done to a session, or to
 * an agent, is more than its timer.
 */
const final: ReadonlySet<string> = new Set([
  "undo",
  "invoice",
  "void",
  "migrate",
  "end with agent",
  "open session",
  "attach task",
  "pause session",
  "resume session",
  "end session",
]);

const isFinal = (what: string): boolean => final.has(what) || what.startsWith("take over ");

/** The newest operation that can be undone. @throws {TimeConflictError} there is none among those that are remembered. */
export function lastUndoable(history: readonly TimeRecord[], actorId: string | undefined): string {
  const undone = new Set(history.map(({ undid }) => undid));
  const last = history.findLast(
    (record) =>
      !isFinal(record.what) && !undone.has(record.op) && (actorId === undefined || concerns(record, actorId)),
  );
  if (last === undefined) throw new TimeConflictError("undo", "nothing that can be undone is remembered");
  return last.op;
}

/** The lines of one operation. */
export function partsOf(history: readonly TimeRecord[], op: string): readonly TimeRecord[] {
  return history.filter((record) => record.op === op);
}

function concerns({ actorId, changes }: TimeRecord, wanted: string): boolean {
  if (actorId !== undefined) return actorId === wanted;
  return changes.some(({ before, after }) => (after ?? before)?.actorId === wanted);
}
