import type { ConformanceReport } from "./run-conformance.ts";
import { promises, type PromiseId } from "./promises.ts";

/** Stores by promises, as a Markdown table: `12` passed, `12 (3)` with three skipped, `**1 of 12**` failed. */
export function matrixOf(reports: readonly ConformanceReport[]): string {
  const ids = Object.keys(promises) as PromiseId[];
  const header = ["promise", ...reports.map(({ store }) => store)];
  const rows = ids.map((id) => [`${id}: ${promises[id]}`, ...reports.map((report) => cell(report, id))]);
  const total = ["all", ...reports.map((report) => cell(report))];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...[...rows, total].map(line)].join("\n");
}

function cell({ outcomes }: ConformanceReport, id?: PromiseId): string {
  const own = outcomes.filter(({ promise }) => id === undefined || promise === id);
  const count = (kind: string): number => own.filter(({ outcome }) => outcome === kind).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  if (failed > 0) return `**${failed} of ${failed + passed} failed**`;
  if (passed === 0) return skipped === 0 ? "none" : `skipped (${skipped})`;
  return skipped === 0 ? `${passed}` : `${passed} (${skipped} skipped)`;
}

/** Why cases were skipped: reason to number of cases. */
export function skipReasons({ outcomes }: ConformanceReport): ReadonlyMap<string, number> {
  const reasons = new Map<string, number>();
  for (const { outcome, why = "" } of outcomes) {
    if (outcome === "skipped") reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  return reasons;
}
