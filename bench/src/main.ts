/** `npm run bench [-- <family>]`: measures all promises, or those of a family; draws reports; compares two commits. */
import { compare } from "./gate/compare.ts";
import { countLine, toMarkdown, type Report } from "./measure/report.ts";
import { cleanUpAtEnd } from "./measure/scratch.ts";
import { UnusablePathError, usableDirectory } from "./measure/usable-path.ts";
import { readRequest, usage, type Request } from "./request.ts";
import { runFamily } from "./run-family.ts";
import { readReport, show, store, storeGroups } from "./store.ts";

async function main([command = "", ...rest]: readonly string[]): Promise<number> {
  if (command === "draw") return draw(rest);
  if (command === "compare") return compare(rest);
  const request = readRequest([command, ...rest].filter((argument) => argument !== ""));
  if (typeof request !== "string") return measure(request);
  console.error(`${request}\n${usage}`);
  return 2;
}

async function measure({ names, json, quick, gate, only, out, seed }: Request): Promise<number> {
  const reports: Report[] = [];
  if (out !== undefined) usableDirectory(out);
  for (const name of names) {
    const report = await runFamily(name, { quick, only, seed, say: (text) => console.error(`  ${text}`) });
    reports.push(report);
    if (out !== undefined && only === undefined) store(out, report);
    else if (out !== undefined) storeGroups(out, report, (text) => console.error(`  ${text}`));
    if (!json) console.log(`${toMarkdown(report)}\n`);
  }
  const rows = reports.flatMap((report) => report.rows);
  if (json) console.log(JSON.stringify({ reports, counts: countLine(rows) }, null, 2));
  else console.log(countLine(rows));
  const passes = rows.every(({ verdict }) => ["met", "skipped", "not ours"].includes(verdict));
  return gate && !passes ? 1 : 0;
}

/** Tables and pictures from what was stored: after a change of how they are drawn. */
function draw(files: readonly string[]): number {
  for (const file of files) {
    console.log(show(file, readReport(file)));
  }
  if (files.length > 0) return 0;
  console.error(`draw needs a report\n${usage}`);
  return 2;
}

cleanUpAtEnd();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UnusablePathError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
