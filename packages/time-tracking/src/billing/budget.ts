import type { Money } from "../money/money.ts";

/** What may be spent on some work, in time, in money, or in both. */
export interface Budget {
  readonly id: string;
  readonly actorId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly limitMs?: number | undefined;
  readonly limit?: Money | undefined;
  /** First and last local day that count. Default: all. */
  readonly from?: string | undefined;
  readonly through?: string | undefined;
  /** Percentages at which to be told. Default 80 and 100. */
  readonly alertsAt: readonly number[];
  /** Those that were told already. */
  readonly alerted: readonly number[];
}

/** Where a budget stands. */
export interface BudgetStatus {
  readonly budget: Budget;
  readonly usedMs: number;
  /** What the time costs, exactly, rounded half up to minor units; undefined for a budget without money. */
  readonly used?: Money | undefined;
  /** The larger of both shares, in whole percent, rounded down. */
  readonly percent: number;
  /** The alerts that have been reached. */
  readonly reached: readonly number[];
}
