/**
 * `npm run bench [-- <family>]`: measures all promises, or those of a family; draws reports; compares two commits.
 * Ends with 1 for a goal that is not met or a commit that is slower, with 2 where that was not found out.
 */
import { compare } from "./gate/compare.ts";
import { gateLine, isSkipped, passesGate } from "./measure/gate-line.ts";
import { countLine, toMarkdown, type Report } from "./measure/report.ts";
import { cleanUpAtEnd } from "./measure/scratch.ts";
import { UnusablePathError, usableDirectory } from "./measure/usable-path.ts";
import { readRequest, usage, type Request } from "./request.ts";
import { kindOfRun, runFamily } from "./run-family.ts";
import { openReport, redraw, type ReportFile } from "./store.ts";

async function main([command = "", ...rest]: readonly string[]): Promise<number> {
  if (command === "draw") return draw(rest);
  if (command === "compare") return compare(rest);
  const request = readRequest(command === "" ? rest : [command, ...rest]);
  if (typeof request !== "string") return measure(request);
  console.error(`${request}\n${usage}`);
  return 2;
}

async function measure({ names, json, quick, gate, only, out, seed }: Request): Promise<number> {
  const say = (text: string): void => console.error(`  ${text}`);
  const files = new Map<string, ReportFile>();
  if (out !== undefined) {
    usableDirectory(out);
    const kind = kindOfRun(quick);
    for (const name of names) files.set(name, openReport(out, name, kind, say));
  }
  const reports: Report[] = [];
  for (const name of names) {
    const report = await runFamily(name, { quick, only, seed, say, ended: files.get(name)?.add });
    reports.push(report);
    if (!json) console.log(`${toMarkdown(report)}\n`);
  }
  const rows = reports.flatMap((report) => report.rows);
  const counts = gate ? gateLine(rows) : countLine(rows);
  if (gate) for (const { name, note } of rows.filter(isSkipped)) say(`SKIPPED: ${name}: ${note}`);
  console.log(json ? JSON.stringify({ reports, counts }, null, 2) : counts);
  return gate && !passesGate(rows) ? 1 : 0;
}

function draw(files: readonly string[]): number {
  for (const file of files) console.log(redraw(file));
  if (files.length > 0) return 0;
  console.error(`draw needs a report\n${usage}`);
  return 2;
}

/** Node would end with 1, which is what a missed goal says. */
function crash(error: unknown): never {
  console.error(error instanceof UnusablePathError ? error.message : error);
  process.exit(2);
}

cleanUpAtEnd();
process.once("uncaughtException", crash);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  crash(error);
}
