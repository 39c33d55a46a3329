import { longestEntryMs } from "../arguments.ts";
import { TimeConflictError } from "../errors.ts";
import { isSame, type TimeRecord } from "../book/change.ts";
import { defined, type TimeEntry, type Work } from "../time/entry.ts";
import { localDayOf } from "../time/local-day.ts";
import type { Board } from "./board.ts";
import { priced } from "./make-entry.ts";

/** Time to add by hand. */
export interface EntryAddition extends Work {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly reason?: string | undefined;
  readonly rate?: TimeEntry["rate"];
}

export function addEntry(board: Board, addition: EntryAddition): TimeEntry {
  const attempt = `add time of ${addition.actorId} on ${addition.taskId}`;
  const entry: TimeEntry = defined({
    id: board.rules.newId(),
    ...derived(addition),
    source: "manual" as const,
  });
  board.checkFree(attempt, entry, entry);
  return board.putEntry(attempt, priced(board, entry));
}

/** What can be changed of an entry. */
export type EntryChanges = Partial<
  Pick<
    TimeEntry,
    | "taskId"
    | "startedAtMs"
    | "endedAtMs"
    | "billable"
    | "nonBillableReason"
    | "note"
    | "reason"
    | "projectId"
    | "clientId"
    | "supervision"
    | "rate"
  >
>;

export function editEntry(board: Board, id: string, changes: EntryChanges): TimeEntry {
  const attempt = `edit ${id}`;
  const before = board.require(attempt, id);
  const moves = changes.startedAtMs !== undefined || changes.endedAtMs !== undefined;
  const changed = { ...before, ...changes };
  const entry: TimeEntry = defined(moves ? { ...changed, ...derived(changed) } : changed);
  if (moves) board.checkFree(attempt, entry, entry, [id]);
  return board.putEntry(attempt, isSame(before, entry) ? before : entry);
}

/** Accepts what a recovery inferred, or sets a better end. */
export function confirmEntry(board: Board, id: string, endedAtMs: number | undefined): TimeEntry {
  const attempt = `confirm ${id}`;
  const { state, ...before } = board.require(attempt, id);
  if (state !== "recovered") throw new TimeConflictError(attempt, "it awaits no confirmation");
  const entry: TimeEntry =
    endedAtMs === undefined ? before : { ...before, ...derived({ ...before, endedAtMs }) };
  if (endedAtMs !== undefined) board.checkFree(attempt, entry, entry, [id]);
  return board.putEntry(attempt, entry);
}

export function removeEntry(board: Board, id: string): TimeEntry {
  const entry = board.require(`remove ${id}`, id);
  board.removeEntry(`remove ${id}`, entry);
  return entry;
}

/** Takes back what one operation did, where everything it touched is still as it left it. */
export function undoOperation(board: Board, parts: readonly TimeRecord[]): void {
  const attempt = `undo ${parts[0]?.what ?? "nothing"}`;
  const changes = parts.flatMap((part) => part.changes);
  for (const change of changes) {
    const now = (change.kind === "timer" ? board.timer(change.id) : board.entry(change.id)) ?? null;
    if (!isSame(now, change.after))
      throw new TimeConflictError(attempt, `${change.kind} ${change.id} was changed since`);
  }
  for (const change of changes.toReversed()) {
    if (change.kind === "timer") {
      if (change.before !== null) board.putTimer(change.before);
      else if (change.after !== null) board.removeTimer(change.after);
    } else {
      for (const entry of [change.before, change.after]) if (entry !== null) board.checkOpen(attempt, entry);
      board.setEntry(change.after, change.before);
    }
  }
  checkRestored(board, attempt, changes);
}

/** What is there again must not overlap what came since. */
function checkRestored(
  board: Board,
  attempt: string,
  changes: readonly TimeRecord["changes"][number][],
): void {
  for (const { before } of changes) {
    if (before === null) continue;
    if ("workedMs" in before) board.checkFree(attempt, before, before, [before.id]);
    else if (before.state === "running")
      board.checkFree(attempt, before, { startedAtMs: before.startedAtMs, endedAtMs: Infinity }, [before.id]);
  }
}

/** What follows from the interval. @throws {RangeError} it ends before it begins. */
function derived<E extends Work & { startedAtMs: number; endedAtMs: number }>(
  entry: E,
): E & Pick<TimeEntry, "workedMs" | "localDay"> {
  const workedMs = entry.endedAtMs - entry.startedAtMs;
  if (workedMs < 0) throw new RangeError("endedAt must not lie before startedAt");
  if (workedMs > longestEntryMs)
    throw new RangeError("endedAt must not lie more than a hundred years after startedAt");
  return { ...entry, workedMs, localDay: localDayOf(entry.startedAtMs, entry.timeZone) };
}
