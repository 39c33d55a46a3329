/** One test of the packages beside this file, by its title: in a copy, the copy's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** A pattern for what a test is called when it runs: `%s` and `${…}` stand for anything. */
export function titlePattern(title: string): string {
  return title
    .split(/%[sdifjo]|\$\{[^}]*\}/)
    .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
    .join(".*");
}

/** @throws {Error} there is no such test, or it could not be loaded. */
export async function runTest({ tally }: PartContext, file: string, title: string): Promise<void> {
  const pattern = titlePattern(title);
  const { testResults } = await withTemporaryDirectory(async (directory) => {
    const report = join(directory, "report.json");
    const args = ["run", file, "-t", pattern, "--reporter=json", `--outputFile=${report}`];
    const lines: string[] = [];
    const vitest = new Program(process.execPath, ["node_modules/vitest/vitest.mjs", ...args], {
      cwd: root,
      onLine: (line) => lines.push(line),
    });
    const { errors } = await vitest.exited;
    if (!existsSync(report)) throw new Error([...lines, errors].join("\n"));
    return JSON.parse(readFileSync(report, "utf8")) as Report;
  });
  const named = new RegExp(`^${pattern}$`);
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((result) => named.test(result.title));
  if (results.length === 0)
    throw new Error(`no test: ${testResults.map(({ message }) => message).join("\n")}`);
  for (const result of results) {
    if (result.status === "passed") tally.pass();
    else if (result.status === "failed") tally.fail(result.title, result.failureMessages.join("\n"));
    else tally.skip(result.title, `its test is ${result.status}`);
  }
}
