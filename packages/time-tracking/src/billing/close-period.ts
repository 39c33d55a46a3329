import type { WaitOptions } from "@flockwork/core";
import { checkWhole } from "../arguments.ts";
import { TimeConflictError } from "../errors.ts";
import { checkDay, localDayOf } from "../time/local-day.ts";
import type { Board } from "../timers/board.ts";
import type { LedgerDraft } from "./ledger-commits.ts";
import type { Ledger } from "./ledger.ts";
import { makeSeal, type Seal } from "./seal.ts";

const dayMs = 86_400_000;
/** Further back there is no time that could be sealed. */
const mostGraceDays = 365_000;

/** Which days are closed: through one, or all that lie further back than a grace. */
export type SealOptions = WaitOptions &
  ({ readonly through: string } | { readonly graceDays: number; readonly through?: undefined });

/** The last day that is closed. @throws {TypeError | RangeError} naming the option. */
export function lastDayOf(options: SealOptions, nowMs: number, timeZone: string): string {
  const today = localDayOf(nowMs, timeZone);
  if (options.through !== undefined) {
    const through = checkDay("through", options.through);
    if (through > today)
      throw new RangeError(
        `through must not lie after today, ${today}: what is sealed stays sealed, got ${through}`,
      );
    return through;
  }
  const { graceDays } = options as { readonly graceDays?: unknown };
  if (graceDays === undefined) throw new TypeError("through must be a day: YYYY-MM-DD; or give graceDays");
  const further = Math.min(checkWhole("graceDays", graceDays), mostGraceDays) + 1;
  return new Date(Date.parse(`${today}T00:00:00Z`) - further * dayMs).toISOString().slice(0, 10);
}

/** Closes everything through a local day. @throws {TimeConflictError} something of it is still open, or all of it is closed. */
export function closePeriod(board: Board, ledger: LedgerDraft, through: string): Seal {
  const attempt = `seal everything through ${through}`;
  const { seals, adjustments } = ledger.value as Ledger;
  const last = seals.at(-1);
  if (last !== undefined && through <= last.through)
    throw new TimeConflictError(attempt, `everything through ${last.through} is sealed already`);
  const running = board.timers.find(
    ({ state, startedAtMs, timeZone }) => state === "running" && localDayOf(startedAtMs, timeZone) <= through,
  );
  if (running !== undefined)
    throw new TimeConflictError(attempt, `a timer of ${running.actorId} runs since then`);
  const entries = board.entries();
  const open = entries.find(({ state, localDay }) => state === "recovered" && localDay <= through);
  if (open !== undefined) throw new TimeConflictError(attempt, `${open.id} awaits confirmation`);
  const seal = makeSeal(entries, adjustments, last, through, board.rules.now.wallMs);
  ledger.draft.seals.push(seal);
  return seal;
}
