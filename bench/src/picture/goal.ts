/** How far a row is from its goal: the one figure by which rows of all kinds can be seen side by side. */
import { figure } from "../measure/figure.ts";
import type { Row } from "../measure/row.ts";

export interface Reached {
  /** How many times as good as the goal asks: 1 meets it, 2 is twice as good, 0.5 half as good. `Infinity` where nothing is left to be better than. */
  readonly timesGoal: number;
  /** `0.88 of goal`, or the goal itself where a share of it says nothing. */
  readonly text: string;
}

const limits = /(≥|≤) (-?[\d.]+)/g;

/** Undefined: the row has no figure, or no goal. */
export function reachedBy(row: Row): Reached | undefined {
  const { goal, ours, ratio } = row;
  const value = isOfOurs(row) ? ours : ratio;
  const shares = [...goal.matchAll(limits)].map(([, sign, limit]) =>
    value === null ? NaN : shareOf(sign === "≥" ? [value, Number(limit)] : [Number(limit), value]),
  );
  if (value === null || shares.length === 0) return undefined;
  const timesGoal = Math.min(...shares);
  if (Number.isNaN(timesGoal)) return undefined;
  const isFar = !Number.isFinite(timesGoal) || timesGoal === 0;
  return {
    timesGoal,
    text: isFar ? goal.replace(/^[^≥≤]*/, "goal ") : `${figure(timesGoal)} of goal`,
  };
}

/** Whether it is a goal of ours alone, whatever baseline stands beside it. */
export function isOfOurs({ goal }: Row): boolean {
  return /^ours [≥≤]/.test(goal);
}

/** A difference may be none, or less than none; then it is better than any goal. */
function shareOf([more, less]: readonly [number, number]): number {
  if (more === less) return 1;
  return less <= 0 ? Infinity : Math.max(more / less, 0);
}

/** The value at which ours would meet the goal of a row. */
export function goalOf({ goal, baseline }: Row): number | undefined {
  const limit = Number(/[≥≤] (-?[\d.]+)/.exec(goal)?.[1]);
  if (Number.isNaN(limit)) return undefined;
  if (goal.startsWith("ours / baseline")) return baseline === null ? undefined : limit * baseline;
  if (goal.startsWith("baseline / ours")) return baseline === null ? undefined : baseline / limit;
  return goal.startsWith("ours - baseline") ? limit + (baseline ?? 0) : limit;
}
