/** Program: runs every example against every store and writes the matrix into the README of the proof. */
import { readFileSync, writeFileSync } from "node:fs";
import { matrixOf, skipReasons } from "./matrix.ts";
import { runConformance } from "./run-conformance.ts";
import { subjects } from "./subjects.ts";

const readme = new URL("../../README.md", import.meta.url);
const [begin, end] = ["<!-- matrix -->", "<!-- /matrix -->"];

const reports = [];
for (const { name, factory, nemesis } of subjects) reports.push(await runConformance(name, factory, nemesis));
const skips = reports.flatMap((report) =>
  [...skipReasons(report)].map(([why, count]) => `- ${report.store}, ${count} skipped: ${why}.`),
);
const text = readFileSync(readme, "utf8");
const [before, after] = [text.indexOf(begin), text.indexOf(end)];
if (before === -1 || after < before) throw new Error(`${readme.pathname} has no ${begin} … ${end}`);
const matrix = `${begin}\n${matrixOf(reports)}\n\n${skips.join("\n")}\n`;
writeFileSync(readme, text.slice(0, before) + matrix + text.slice(after));
console.log(matrixOf(reports));
process.exit(reports.some(({ outcomes }) => outcomes.some(({ outcome }) => outcome === "failed")) ? 1 : 0);
