/** What `--gate` makes of the rows. */
import { countLine } from "./report.ts";
import type { Row } from "./row.ts";

/**
 * Every goal that this machine can measure has to be met: one without a verdict is not. One that it cannot measure would stop it for
 * ever; it passes, and the last line names it.
 */
export function passesGate(rows: readonly Row[]): boolean {
  return rows.every((row) => row.verdict === "met" || row.verdict === "not ours" || isSkipped(row));
}

export function isSkipped({ verdict }: Row): boolean {
  return verdict === "skipped";
}

/** `12 met, 0 missed, 0 undecided, 1 skipped; not looked at: a row (beside C flock)` */
export function gateLine(rows: readonly Row[]): string {
  const names = rows
    .filter(isSkipped)
    .map(({ name, baselineName }) => (baselineName === null ? name : `${name} (beside ${baselineName})`));
  const counts = countLine(rows);
  return names.length === 0 ? counts : `${counts}; not looked at: ${[...new Set(names)].join("; ")}`;
}
