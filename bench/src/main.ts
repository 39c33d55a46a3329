/** `npm run bench -- <family> [--json] [--quick] [--gate] [--only <group>]`: measures one family of promises, or all. */
import { families } from "./families/families.ts";
import { countLine, toMarkdown, type Report } from "./measure/report.ts";
import { runFamily } from "./run-family.ts";

const usage = `usage: npm run bench -- <${[...families.keys(), "all"].join(" | ")}> [--json] [--quick] [--gate] [--only <group>]

  --json   JSON instead of Markdown     --quick  short rounds: shows that the bench works
  --gate   exit code 1 for a missed goal  --only   the groups whose name contains this`;

interface Request {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly gate: boolean;
  readonly only: string | undefined;
}

function readArguments(args: readonly string[]): Request | string {
  const names: string[] = [];
  const flags = new Set<string>();
  let only: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? "";
    if (["--json", "--quick", "--gate"].includes(argument)) flags.add(argument);
    else if (argument === "--only") only = args[(at += 1)];
    else if (argument === "all") names.push(...families.keys());
    else if (families.has(argument)) names.push(argument);
    else return `unknown family or option: ${argument}`;
  }
  if (names.length === 0) return "no family named";
  return { names, json: flags.has("--json"), quick: flags.has("--quick"), gate: flags.has("--gate"), only };
}

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  if (typeof request === "string") {
    console.error(`${request}\n${usage}`);
    return 2;
  }
  const { names, json, quick, gate, only } = request;
  const reports: Report[] = [];
  for (const name of names) {
    const report = await runFamily(name, { quick, only, say: (text) => console.error(`  ${text}`) });
    reports.push(report);
    if (!json) console.log(`${toMarkdown(report)}\n`);
  }
  const rows = reports.flatMap((report) => report.rows);
  if (rows.length === 0) {
    console.error(`no group of ${names.join(", ")} has ${JSON.stringify(only)} in its name`);
    return 2;
  }
  if (json) console.log(JSON.stringify({ reports, counts: countLine(rows) }, null, 2));
  else console.log(countLine(rows));
  const missed = rows.some(({ verdict }) => verdict === "not met");
  return gate && missed ? 1 : 0;
}

process.exitCode = await main();
