/** What may be said of a row that misses its goal: only what figures of the same report show, or a part of the README that is named. */
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

/** A row of a report: several have the same name, beside other baselines. */
export interface RowName {
  readonly name: string;
  readonly baseline?: string;
}

export interface Limit {
  readonly family: string;
  /** Rows of such a name … */
  readonly row: RegExp;
  /** … beside such a baseline. */
  readonly baseline?: RegExp;
  /** Rows of the same report that the text rests on. It is given them in this order; one of another group may not have been measured. */
  readonly rests?: readonly RowName[];
  /** Columns of the table of the row's contenders that the text points at. */
  readonly columns?: readonly string[];
  /** Undefined where by these figures it is something else that stops the row: the limits that follow are asked. */
  readonly limit: string | ((row: Row, ...rests: readonly (Row | undefined)[]) => string | undefined);
  /** The heading of the README that has the measurements … */
  readonly heading: string;
  /** … and words that stand there. */
  readonly told: string;
}

export function applies({ row: name, baseline }: Limit, row: Row): boolean {
  return name.test(row.name) && (baseline?.test(row.baselineName ?? "") ?? true);
}

export function textOf({ limit, rests = [] }: Limit, row: Row, rows: readonly Row[]): string | undefined {
  return typeof limit === "string" ? limit : limit(row, ...rests.map((each) => findRow(rows, each)));
}

export function findRow(rows: readonly Row[], { name, baseline }: RowName): Row | undefined {
  return rows.find(
    (row) =>
      row.name === name && row.ours !== null && (baseline === undefined || row.baselineName === baseline),
  );
}

/** The number in its goal. */
export function goalOf({ goal }: Row): number {
  return Number(/[\d.]+/.exec(goal)?.[0]);
}

/** How many times the baseline of one row is that of another one: the median of the rounds, which both were measured in. */
export function baselineRatio(above: Row | undefined, below: Row | undefined): number {
  const divisors = below?.rounds.baseline ?? [];
  return median(
    (above?.rounds.baseline ?? []).map((value, round) => value / (divisors[round] ?? Number.NaN)),
  );
}
