/** Where reports are kept: JSON for programs, a table and a picture for people. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { families } from "./families/families.ts";
import { withLimits } from "./limits.ts";
import { mergeReports, whyApart, type ReportKind } from "./measure/merge.ts";
import { toMarkdown, type Report } from "./measure/report.ts";
import { messageOf, UnusablePathError } from "./measure/usable-path.ts";
import { toSvg } from "./picture/picture.ts";

/** @throws {UnusablePathError} it is none, with the reason. */
function readReport(path: string): Report {
  let read: Partial<Report> | null;
  try {
    read = JSON.parse(readFileSync(path, "utf8")) as Partial<Report> | null;
  } catch (error) {
    throw new UnusablePathError(path, `is no report: ${messageOf(error)}`, error);
  }
  const { family, rows, comparisons, machine, versions } = read ?? {};
  const isReport = typeof family === "string" && Array.isArray(rows) && Array.isArray(comparisons);
  if (isReport && machine !== undefined && versions !== undefined) return read as Report;
  throw new UnusablePathError(path, "is no report: npm run bench -- <family> --out <directory> makes one");
}

/** The stored report of a family, or the place for one. */
export interface ReportFile {
  /** Groups take the place of theirs; the others stay. */
  readonly add: (report: Report) => void;
}

/**
 * Asked for before anything is measured, for nothing that is stored is destroyed.
 *
 * @throws {UnusablePathError} what is there cannot stand beside what is to be measured: what to do.
 */
export function openReport(
  directory: string,
  family: string,
  kind: ReportKind,
  say: (text: string) => void,
): ReportFile {
  const path = join(directory, `${family}.json`);
  const known = families.get(family)?.map(({ name }) => name) ?? [];
  let stored = existsSync(path) ? kindred(path, kind) : undefined;
  return {
    add(report) {
      const { report: merged, dropped } = mergeReports(stored ?? report, report, known);
      for (const text of dropped) say(`NOT in ${path}: ${text}`);
      stored = keep(path, merged);
    },
  };
}

/** What stops a row is told by the rows beside it, which may be newer now, and by what is known of it today. */
function keep(path: string, report: Report): Report {
  // Old reports have no faults.
  const rows = report.rows.map((row) => ({ ...row, faults: row.faults ?? [] }));
  const told = { ...report, rows: withLimits(report.family, rows, report.comparisons) };
  writeFileSync(`${path}.new`, `${JSON.stringify(told, null, 2)}\n`);
  renameSync(`${path}.new`, path); // whatever ends the bench, a whole report is there
  show(path, told);
  return told;
}

/** Tables and pictures from what was stored: after a change of how they are drawn, or of what is known of a row. */
export function redraw(path: string): string {
  keep(path, readReport(path));
  return pictureOf(path);
}

function kindred(path: string, kind: ReportKind): Report {
  const stored = readReport(path);
  const why = whyApart(stored, kind);
  if (why === undefined) return stored;
  throw new UnusablePathError(
    path,
    `would be lost, for nothing measured now can be added to it: ${why}. Remove it or name another directory, and measure all groups`,
  );
}

/** The table and the picture beside it. */
function show(path: string, report: Report): void {
  writeFileSync(path.replace(/(\.json)?$/, ".md"), `${toMarkdown(report)}\n`);
  writeFileSync(pictureOf(path), toSvg(report));
}

function pictureOf(path: string): string {
  return path.replace(/(\.json)?$/, ".svg");
}
