/** Where reports are kept: JSON for programs, a table and a picture for people. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { families } from "./families/families.ts";
import { withLimits } from "./limits.ts";
import { mergeReports } from "./measure/merge.ts";
import { toMarkdown, type Report } from "./measure/report.ts";
import { messageOf, UnusablePathError } from "./measure/usable-path.ts";
import { toSvg } from "./picture/picture.ts";

/** @throws {UnusablePathError} it is none, with the reason. */
export function readReport(path: string): Report {
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

/** Some groups of a family go into its stored report, where there is one. */
export function storeGroups(directory: string, report: Report, say: (text: string) => void): void {
  const path = join(directory, `${report.family}.json`);
  if (!existsSync(path)) return store(directory, report);
  let stored: Report;
  try {
    stored = readReport(path);
  } catch (error) {
    say(`STARTS ANEW: ${messageOf(error)}`);
    return store(directory, report);
  }
  const known = families.get(report.family)?.map(({ name }) => name) ?? [];
  const merged = mergeReports(stored, report, known);
  for (const text of merged.dropped) say(`DROPPED from ${path}: ${text}`);
  // What stops a row is told by the rows beside it, which may be newer now.
  const { family, rows, comparisons } = merged.report;
  store(directory, { ...merged.report, rows: withLimits(family, rows, comparisons) });
}

/** In place of what is there. */
export function store(directory: string, report: Report): void {
  const path = join(directory, report.family);
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`);
  show(`${path}.json`, report);
}

/** The table and the picture beside it. @returns The path of the picture. */
export function show(path: string, report: Report): string {
  const target = path.replace(/(\.json)?$/, "");
  writeFileSync(`${target}.md`, `${toMarkdown(report)}\n`);
  writeFileSync(`${target}.svg`, toSvg(report));
  return `${target}.svg`;
}
