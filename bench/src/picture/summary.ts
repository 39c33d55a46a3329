/** What the summary of a picture shows: each goal, and how many times over it was reached. */
import { withUnit } from "../measure/figure.ts";
import type { Report } from "../measure/report.ts";
import type { Row } from "../measure/row.ts";
import { isBusy } from "../measure/verdicts.ts";
import { reachedBy } from "./goal.ts";

export type Mark = "met" | "missed" | "none" | "line";

export interface GoalLine {
  readonly name: string;
  /** What ours was held against. */
  readonly beside: string;
  readonly timesGoal: number;
  readonly text: string;
  /** `none`: undecided. `line`: no code of ours, it shows what is left of the goal. */
  readonly mark: Mark;
}

export function goalLines(report: Report): readonly GoalLine[] {
  const { rows, quick, machine } = report;
  // Rows of reports that were stored before verdicts were withheld have one all the same.
  const isUndecided = quick || isBusy(machine);
  return rows.flatMap((row) => {
    const reached = reachedBy(row);
    if (reached === undefined || row.verdict === "skipped") return [];
    const [fault] = row.faults ?? []; // old reports have none
    return {
      name: nameOf(row),
      beside: row.baselineName ?? "",
      timesGoal: fault === undefined ? reached.timesGoal : 0, // however fast it was
      text: fault ?? `${reached.text}, ${withUnit(row.ours ?? NaN, row.unit)}`,
      mark: markOf(row, isUndecided),
    };
  });
}

function nameOf({ name, durability }: Row): string {
  const isTold = durability === "none" || name.includes(durability) || durability.length > 4;
  return isTold ? name : `${name}, ${durability}`;
}

function markOf({ verdict }: Row, isUndecided: boolean): Mark {
  if (verdict === "not ours") return "line";
  if (isUndecided || verdict === "undecided") return "none";
  return verdict === "met" ? "met" : "missed";
}
