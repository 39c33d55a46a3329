/** What may be said of a row that misses its goal: only what figures of the same report show, or a part of the README that is named. */
import type { Comparison } from "./measure/comparison.ts";
import type { Row } from "./measure/row.ts";
import { median } from "./measure/statistics.ts";

/** A row of a report: several have the same name, beside other baselines. */
export interface RowName {
  readonly name: string;
  readonly baseline?: string;
}

/** A row that missed its goal, and the tables of its report. */
export interface Missed extends Row {
  /**
   * The median of a contender in a column: of the first one whose name begins so. NaN where the report has none.
   *
   * @param table - Its name. Without one, that of the row's own contenders.
   */
  readonly cell: (contender: string, column: string, table?: string) => number;
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
  readonly limit: string | ((row: Missed, ...rests: readonly (Row | undefined)[]) => string | undefined);
  /** The heading of the README that has the measurements … */
  readonly heading: string;
  /** … and words that stand there. */
  readonly told: string;
}

export function applies({ row: name, baseline }: Limit, row: Row): boolean {
  return name.test(row.name) && (baseline?.test(row.baselineName ?? "") ?? true);
}

export function textOf(
  { limit, rests = [] }: Limit,
  row: Row,
  rows: readonly Row[],
  tables: readonly Comparison[],
): string | undefined {
  if (typeof limit === "string") return limit;
  const cell: Missed["cell"] = (contender, column, table) =>
    medianIn(table === undefined ? tableOf(row, tables) : named(table, tables), contender, column);
  return limit({ ...row, cell }, ...rests.map((each) => findRow(rows, each)));
}

export function findRow(rows: readonly Row[], { name, baseline }: RowName): Row | undefined {
  return rows.find(
    (row) =>
      row.name === name &&
      row.ours !== null &&
      (baseline === undefined || (row.baselineName === baseline && row.baseline !== null)),
  );
}

/** The table of the contenders that a row is of. */
export function tableOf(row: Row, tables: readonly Comparison[]): Comparison | undefined {
  return tables.find(({ name }) => row.name.startsWith(`${name}: `));
}

function named(table: string, tables: readonly Comparison[]): Comparison | undefined {
  return tables.find(({ name }) => name === table);
}

function medianIn(table: Comparison | undefined, contender: string, column: string): number {
  const at = table?.metrics.findIndex(({ name }) => name === column) ?? -1;
  return table?.contenders.find(({ name }) => name.startsWith(contender))?.figures[at]?.median ?? Number.NaN;
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
