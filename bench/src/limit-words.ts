/** How the figures of rows and tables stand in a text about what stops a row. */
import type { Missed } from "./limit.ts";
import { figure, withUnit } from "./measure/figure.ts";
import type { Row, Unit } from "./measure/row.ts";

const known = (value: number | null | undefined): number => value ?? Number.NaN;

export const times = (ratio: number): string => ratio.toFixed(2);
export const inMs = (us: number): string => `${(us / 1000).toFixed(2)} ms`;
export const inUs = (us: number): string => `${figure(us)} us`;

/** Microseconds of one operation. */
export const usEach = (perSecond: number | null | undefined): number => 1e6 / known(perSecond);

export const oursOf = ({ ours, unit }: Row): string => withUnit(known(ours), unit);
export const baselineOf = ({ baseline, unit }: Row): string => withUnit(known(baseline), unit);

/** What rounds that lie far apart leave open. */
export function spreads({ oursSpread, baselineSpread, baselineName }: Row): string {
  const told = (whose: string, spread: number | null): string =>
    spread === null
      ? `${whose} is of one round`
      : `the rounds of ${whose} spread by ${Math.round(100 * spread)} %`;
  return baselineName === null
    ? told("ours", oursSpread)
    : `${told("ours", oursSpread)}, ${told(baselineName, baselineSpread)}`;
}

/** How turns are shared, where the table tells it: old ones do not. */
export function unfairness(row: Missed): string {
  if (Number.isNaN(row.cell("Flockwork", "Jain"))) return "";
  return `. How turns are shared: worst wait ${both(row, "worst wait", "us")}, Jain ${both(row, "Jain", "index")}`;
}

/** What ours and the baseline of its row have in a column of their table. */
export function both(row: Missed, column: string, unit: Unit): string {
  const of = (contender: string): string => withUnit(row.cell(contender, column), unit);
  return `${of("Flockwork")} beside ${of(row.baselineName ?? "")}`;
}
