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
  /** Rows of the same report that the text rests on, whose figures it is given in this order. */
  readonly rests?: readonly RowName[];
  /** Columns of the table of the row's contenders that the text points at. */
  readonly columns?: readonly string[];
  /** Undefined where by these figures it is something else that stops the row: the limits that follow are asked. */
  readonly limit: string | ((row: Row, ...rests: readonly Row[]) => string | undefined);
  /** The heading of the README that has the measurements … */
  readonly heading: string;
  /** … and words that stand there. */
  readonly told: string;
}

export function applies({ row: name, baseline }: Limit, row: Row): boolean {
  return name.test(row.name) && (baseline?.test(row.baselineName ?? "") ?? true);
}

/** Undefined where the report lacks a row that the text rests on, as those of single groups do. */
export function textOf({ limit, rests = [] }: Limit, row: Row, rows: readonly Row[]): string | undefined {
  if (typeof limit === "string") return limit;
  const found = rests.flatMap((wanted) => findRow(rows, wanted) ?? []);
  return found.length < rests.length ? undefined : limit(row, ...found);
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
