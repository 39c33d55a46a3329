/** What the command line asks for. */
import { families } from "./families/families.ts";

export const usage = `usage: npm run bench [-- <${[...families.keys(), "all"].join(" | ")}>] [--json] [--out <directory>] [--quick] [--gate] [--only <group>] [--seed <number>]
       npm run bench -- draw <report.json>...
       npm run bench -- compare <commit> [<commit>] [--quick] [--only <path>] [--threshold <ratio>] [--measure instructions,calls,time]

  --json   JSON instead of Markdown     --quick  short rounds: shows that the bench works
  --gate   exit code 1 for a goal that is not met, or has no verdict   --only   the groups whose name contains this
  --out    also writes <family>.json, .md and .svg there, after each group, which takes the place of its figures in the report that is there
  --seed   what generated data is made from
  draw     makes tables and pictures of reports again   compare  two commits, by ratio: exit code 1 if the second is slower`;

export interface Request {
  /** Those that have a group to measure; all of them, when none is named. */
  readonly names: readonly string[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly gate: boolean;
  readonly only: string | undefined;
  readonly out: string | undefined;
  readonly seed: number;
}

/** A text is what is wrong. */
export function readRequest(args: readonly string[]): Request | string {
  const names: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? "";
    if (["--json", "--quick", "--gate"].includes(argument)) flags.add(argument);
    else if (["--only", "--out", "--seed"].includes(argument)) {
      const value = args[(at += 1)];
      if (value === undefined || value === "" || value.startsWith("--")) return `${argument} needs a value`;
      values.set(argument, value);
    } else if (argument === "all") names.push(...families.keys());
    else if (families.has(argument)) names.push(argument);
    else return `unknown family or option: ${argument}`;
  }
  const seed = Number(values.get("--seed") ?? 42);
  if (!Number.isSafeInteger(seed)) return `not a seed: ${values.get("--seed")}`;
  const only = values.get("--only");
  const asked = names.length === 0 ? [...families.keys()] : [...new Set(names)];
  const found = asked.filter((name) => hasGroup(name, only));
  if (found.length === 0) return `no group of ${asked.join(", ")} has ${JSON.stringify(only)} in its name`;
  return {
    names: found,
    json: flags.has("--json"),
    quick: flags.has("--quick"),
    gate: flags.has("--gate"),
    only,
    out: values.get("--out"),
    seed,
  };
}

function hasGroup(family: string, only = ""): boolean {
  return (families.get(family) ?? []).some(({ name }) => name.includes(only));
}
