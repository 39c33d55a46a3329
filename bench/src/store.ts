/** Where reports are kept: JSON for programs, a table and a picture for people. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { families } from "./families/families.ts";
import { mergeReports } from "./measure/merge.ts";
import { toMarkdown, type Report } from "./measure/report.ts";
import { toSvg } from "./picture/picture.ts";

/** @throws {Error} it is none, with the reason. */
export function readReport(path: string): Report {
  try {
    const report = JSON.parse(readFileSync(path, "utf8")) as Partial<Report> | null;
    if (typeof report?.family === "string" && Array.isArray(report.rows) && report.machine !== undefined)
      return report as Report;
  } catch (error) {
    throw new Error(`${path} is no report: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  throw new Error(`${path} is no report: it has no family, no rows or no machine`);
}

/** Some groups of a family go into its stored report, where there is one. */
export function storeGroups(directory: string, report: Report, say: (text: string) => void): void {
  const path = join(directory, `${report.family}.json`);
  if (!existsSync(path)) return store(directory, report);
  let stored: Report;
  try {
    stored = readReport(path);
  } catch (error) {
    say(`STARTS ANEW: ${(error as Error).message}`);
    return store(directory, report);
  }
  const known = families.get(report.family)?.map(({ name }) => name) ?? [];
  const merged = mergeReports(stored, report, known);
  for (const text of merged.dropped) say(`DROPPED from ${path}: ${text}`);
  store(directory, merged.report);
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
