/**
 * What stops the rows that miss their goal: what figures of the report show, or a profile or a trace that the README tells in full. Where
 * none of them shows why, the text says that it is not explained.
 */
import { beadsLimits } from "./families/beads/beads-limits.ts";
import { documentLimits } from "./families/document/document-limits.ts";
import { growthLimits } from "./families/growth/growth-limits.ts";
import { lockLimits } from "./families/lock/lock-limits.ts";
import { logLimits } from "./families/log/log-limits.ts";
import { queueLimits } from "./families/queue/queue-limits.ts";
import { registryLimits } from "./families/registry/registry-limits.ts";
import { tasksLimits } from "./families/tasks/tasks-limits.ts";
import { timeLimits } from "./families/time/time-limits.ts";
import { transactLimits } from "./families/transact/transact-limits.ts";
import { applies, textOf, type Limit } from "./limit.ts";
import type { Comparison } from "./measure/comparison.ts";
import type { Row } from "./measure/row.ts";

export const limits: readonly Limit[] = [
  ...lockLimits,
  ...documentLimits,
  ...logLimits,
  ...growthLimits,
  ...transactLimits,
  ...registryLimits,
  ...tasksLimits,
  ...timeLimits,
  ...queueLimits,
  ...beadsLimits,
];

/**
 * Says what stops the rows that missed, where that is known; what was said of them before goes.
 *
 * @param tables - The comparisons of the same report.
 */
export function withLimits(
  family: string,
  rows: readonly Row[],
  tables: readonly Comparison[] = [],
): readonly Row[] {
  return rows.map((row) => {
    const { limit: _before, ...bare } = row;
    if (row.verdict !== "not met" || row.faults.length > 0) return bare;
    for (const each of limits) {
      const text = each.family === family && applies(each, row) ? textOf(each, row, rows, tables) : undefined;
      if (text !== undefined) return { ...bare, limit: `${text} (README: ${each.heading})` };
    }
    return bare;
  });
}
