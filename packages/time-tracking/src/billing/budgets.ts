import { checkId, checkWhole } from "../arguments.ts";
import { BillingError } from "../errors.ts";
import { roundHalfUp } from "../money/apportion.ts";
import { checkMoney, minorUnitsOf, type Money } from "../money/money.ts";
import { checkFilter, matchesFilter } from "../out/time-filter.ts";
import type { TimeEntry } from "../time/entry.ts";
import { defined } from "../time/entry.ts";
import type { Adjustment } from "./adjustment.ts";
import type { Budget, BudgetStatus } from "./budget.ts";

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkBudget(given: Omit<Budget, "alertsAt" | "alerted"> & Partial<Budget>): Budget {
  const { limitMs, limit, alertsAt = [80, 100] } = given;
  checkFilter(given);
  if (limitMs === undefined && limit === undefined)
    throw new TypeError("a budget needs limitMs, limit, or both");
  if (!Array.isArray(alertsAt)) throw new TypeError("alertsAt must be a list of percentages");
  for (const percent of alertsAt) checkWhole("alertsAt", percent, 1);
  const { actorId, taskId, projectId, clientId, from, through } = given;
  return defined({
    id: checkId("id", given.id),
    actorId,
    taskId,
    projectId,
    clientId,
    from,
    through,
    limitMs: limitMs === undefined ? undefined : checkWhole("limitMs", limitMs, 1),
    limit: limit === undefined ? undefined : checkMoney("limit", limit),
    alertsAt: alertsAt.toSorted((one, other) => one - other),
    alerted: [],
  });
}

/** Where a budget stands, with the time that was worked and its corrections. */
export function budgetStatus(
  budget: Budget,
  entries: readonly TimeEntry[],
  adjustments: readonly Adjustment[],
  rateOf: (entry: TimeEntry) => Money | undefined,
): BudgetStatus {
  const { from = "", through = "9999-99-99", limit, limitMs } = budget;
  let usedMs = 0;
  let cost = 0n;
  const corrections = adjustments.map(
    (each) => ({ ...each, workedMs: each.deltaMs }) as unknown as TimeEntry,
  );
  for (const entry of [...entries, ...corrections]) {
    if (entry.localDay < from || entry.localDay > through || !matchesFilter(entry, budget)) continue;
    usedMs += entry.workedMs;
    if (limit !== undefined && entry.billable) cost += costOf(budget, entry, limit, rateOf);
  }
  const used = limit && { minorUnits: minorUnitsOf(roundHalfUp(cost, 3_600_000n)), currency: limit.currency };
  const ofTime = limitMs === undefined ? 0 : Math.floor((usedMs * 100) / limitMs);
  const ofMoney =
    used === undefined || limit === undefined ? 0 : percentOf(used.minorUnits, limit.minorUnits);
  const percent = Math.max(ofTime, ofMoney);
  return defined({ budget, usedMs, used, percent, reached: budget.alertsAt.filter((at) => percent >= at) });
}

/** In minor units, by 3 600 000. */
function costOf(
  { id }: Budget,
  entry: TimeEntry,
  limit: Money,
  rateOf: (entry: TimeEntry) => Money | undefined,
): bigint {
  const rate = rateOf(entry);
  if (rate === undefined) return 0n;
  if (rate.currency !== limit.currency)
    throw new BillingError(
      `tell where ${id} stands`,
      `${entry.id} costs ${rate.currency}, not ${limit.currency}`,
    );
  return BigInt(entry.workedMs) * BigInt(rate.minorUnits);
}

function percentOf(used: number, limit: number): number {
  return limit <= 0 ? 100 : Number((BigInt(used) * 100n) / BigInt(limit));
}
