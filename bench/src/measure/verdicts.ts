/** When a row gets no verdict, and why: a goal is neither met nor missed by a machine that did something else meanwhile. */
import type { Machine } from "./machine.ts";
import type { Disturbance } from "./rounds.ts";
import type { Row } from "./row.ts";

/** The share of all processors' time that others may have while rows are measured that get a verdict. */
export const othersAtMost = 0.15;

export interface Circumstances {
  readonly quick: boolean;
  readonly cores: number;
  /** Null where it cannot be told: then the load average decides, although a bench raises that by itself. */
  readonly othersShare: number | null;
  readonly loadBefore: number;
}

/** Undefined: nothing stands against a verdict. */
export function whyUndecided({ quick, cores, othersShare, loadBefore }: Circumstances): string | undefined {
  if (quick) return "a quick run is too short to decide anything";
  if (othersShare === null)
    return loadBefore > cores ? `the load was ${loadBefore} on ${cores} cores` : undefined;
  if (othersShare <= othersAtMost) return undefined;
  return `others had ${percent(othersShare)} of the processors' time meanwhile`;
}

/** What broke, or could not be measured, stays what it is, whatever the machine did. */
export function withhold(row: Row, reason: string | undefined): Row {
  if (reason === undefined || ["skipped", "not ours"].includes(row.verdict) || row.faults.length > 0)
    return row;
  return { ...row, verdict: "undecided", undecided: reason };
}

/** Decides a row by what others had of its own rounds; one that does not tell which they are, by what they had of its group's. */
export function decide(row: Row, ofGroup: Disturbance, machine: Omit<Circumstances, "othersShare">): Row {
  const disturbance = row.disturbance ?? ofGroup;
  return withhold({ ...row, disturbance }, whyUndecided({ ...machine, ...disturbance }));
}

/** Of all rounds of a group those that others had most of. Undefined where it has none. */
export function mostDisturbed(disturbances: readonly Disturbance[]): Disturbance | undefined {
  return disturbances.toSorted((a, b) => (b.othersShare ?? 0) - (a.othersShare ?? 0))[0];
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Whether a whole report is from a busy machine: of reports that were stored before the others' share was, and all of whose rows have verdicts. */
export function isBusy({ cores, loadBefore, othersShare }: Machine): boolean {
  return othersShare === undefined && loadBefore > cores;
}
