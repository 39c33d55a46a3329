import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { applyEdits, EditError } from "../../../../packages/cli/src/edit/apply-edit.ts";
import { EditSyntaxError, parseEdits } from "../../../../packages/cli/src/edit/parse-edit.ts";
import type { Call, Target } from "../target.ts";

const program = fileURLToPath(new URL("../../../../packages/cli/src/main.ts", import.meta.url));

/** What people type. */
export const cliTargets: readonly Target[] = [
  {
    name: "edit expression",
    prepare: (directory) => {
      const texts = [
        '.count += 1 | .tags += ["new"] | .owner = "me"',
        '.note //= "" | del(.tasks[0])',
        '.["odd key"][-1] = null | .a.b.c -= 2',
      ];
      for (const [at, text] of texts.entries()) writeFileSync(join(directory, `${at}`), text);
    },
    calls: (_directory, mutated): Call[] => {
      const text = readFileSync(mutated, "utf8");
      const root = { count: 1, tags: ["a"], tasks: [{ id: 1 }], "odd key": [1, 2] };
      return [["parse and apply", () => applyEdits({ root }, parseEdits(text))]];
    },
    allows: (error) => error instanceof EditSyntaxError || error instanceof EditError,
  },
  {
    name: "command line",
    prepare: (directory) => {
      const lines = [
        ["json-edit", "state.json", ".count += 1"],
        ["append", "events.jsonl", '{"a":1}'],
        ["ls", "."],
        ["queue", "stats"],
        ["beads", "list", "--json"],
        ["inspect", "state.json", "--json"],
      ];
      for (const [at, line] of lines.entries())
        writeFileSync(join(directory, `${at}.json`), JSON.stringify(line));
      writeFileSync(join(directory, "state.json"), '{"count":1}\n');
    },
    mutates: /\/\d\.json$/,
    calls: (directory, mutated): Call[] => {
      const args = argumentsIn(readFileSync(mutated, "utf8"));
      if (args === undefined) return [];
      return [["flockwork", () => runProgram(args, directory)]];
    },
  },
];

/** Undefined where no shell could pass them. */
function argumentsIn(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const fits =
      Array.isArray(value) && value.every((each) => typeof each === "string" && !each.includes("\0"));
    return fits && !(value as string[]).includes("exec") ? (value as string[]) : undefined;
  } catch {
    return undefined;
  }
}

function runProgram(args: readonly string[], cwd: string): void {
  const flags = ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"];
  const all = [...flags, program, ...args];
  const { status, signal, stderr } = spawnSync(process.execPath, all, {
    cwd,
    input: "",
    encoding: "utf8",
    timeout: 120_000, // a machine may let nobody run for long, and these come last
  });
  if (status === null) throw new Error(`it ended by ${String(signal)}`);
  if (/^\s+at .*\(?(?:file:|node:)/m.test(stderr)) throw new Error(`it shows a stack:\n${stderr}`);
}
