import type { WaitOptions } from "@flockwork/core";
import { checkId, checkOptionalText, checkWhole } from "../arguments.ts";
import { EntryLockedError, TimeConflictError } from "../errors.ts";
import { defined } from "../time/entry.ts";
import { localDayOf } from "../time/local-day.ts";
import type { Board } from "../timers/board.ts";
import type { Adjustment } from "./adjustment.ts";
import type { LedgerDraft } from "./ledger-commits.ts";
import type { Ledger } from "./ledger.ts";

/** By how much an entry is corrected, and why. */
export interface Correction extends WaitOptions {
  readonly deltaMs: number;
  readonly reason: string;
}

/** @throws {TypeError | RangeError} naming the option. */
export function checkCorrection({ deltaMs, reason }: Correction): void {
  if (checkOptionalText("reason", reason) === undefined || reason === "")
    throw new TypeError("reason must say why");
  checkWhole("deltaMs", deltaMs, Number.MIN_SAFE_INTEGER);
}

/** Adds a correction of today. @throws {TimeNotFoundError | TimeConflictError | EntryLockedError} */
export function correctEntry(
  board: Board,
  ledger: LedgerDraft,
  entryId: string,
  { deltaMs, reason }: Correction,
): Adjustment {
  const attempt = `correct ${checkId("entryId", entryId)}`;
  const entry = board.require(attempt, entryId);
  if (board.rules.whyLocked(entry) === undefined)
    throw new TimeConflictError(attempt, "it is neither sealed nor billed: edit it");
  const { adjustments, seals } = ledger.value as Ledger;
  const earlier = adjustments.filter((each) => each.entryId === entryId);
  const leftMs = earlier.reduce((sum, each) => sum + each.deltaMs, entry.workedMs);
  if (leftMs + deltaMs < 0) throw new TimeConflictError(attempt, `only ${leftMs} ms are left of it`);
  const atMs = board.rules.now.wallMs;
  const localDay = localDayOf(atMs, entry.timeZone);
  const last = seals.at(-1);
  if (last !== undefined && localDay <= last.through)
    throw new EntryLockedError(attempt, `today is sealed, as everything through ${last.through}`);
  const { taskId, actorId, projectId, clientId, billable } = entry;
  const what = {
    taskId,
    actorId,
    projectId,
    clientId,
    billable,
    rate: entry.rate ?? board.rules.rateOf(entry),
  };
  const made: Adjustment = defined({
    id: board.rules.newId(),
    entryId,
    ...what,
    deltaMs,
    reason,
    atMs,
    localDay,
  });
  ledger.draft.adjustments.push(made);
  return made;
}
