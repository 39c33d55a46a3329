/** What the command line of a comparison asks for. */
import { fileURLToPath } from "node:url";
import { hotPaths } from "./hot-path.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface CompareRequest {
  /** A commit, or a directory with a checkout. */
  readonly base: string;
  readonly head: string;
  readonly quick: boolean;
  /** Only the paths whose name contains this. */
  readonly only: string;
  /** How much more of anything is a slowdown: 1.1 allows a tenth. */
  readonly threshold: number;
  /** `time` alone is for machines without valgrind and strace, and for a quick look. */
  readonly measures: readonly Measure[];
}

export type Measure = "instructions" | "calls" | "time";
const allMeasures: readonly Measure[] = ["instructions", "calls", "time"];

const usage =
  "usage: npm run bench -- compare <commit or directory> [<commit or directory>] [--quick] [--only <path>] [--threshold <ratio>] [--measure instructions,calls,time]";

/** A text is what is wrong. Without a second commit, the files of this checkout are it. */
export function readCompare(args: readonly string[]): CompareRequest | string {
  const sides: string[] = [];
  const values = new Map<string, string>();
  let quick = false;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? "";
    if (argument === "--quick") quick = true;
    else if (["--only", "--threshold", "--measure"].includes(argument)) {
      const value = args[(at += 1)];
      if (value === undefined || value === "") return `${argument} needs a value\n${usage}`;
      values.set(argument, value);
    } else if (argument.startsWith("--")) return `unknown option: ${argument}\n${usage}`;
    else sides.push(argument);
  }
  const measures = (values.get("--measure")?.split(",") ?? allMeasures) as readonly Measure[];
  const unknown = measures.find((measure) => !allMeasures.includes(measure));
  if (unknown !== undefined) return `there is no measure ${JSON.stringify(unknown)}\n${usage}`;
  const threshold = Number(values.get("--threshold") ?? 1.1);
  if (!(threshold > 1)) return `not a threshold above 1: ${values.get("--threshold")}\n${usage}`;
  const [base, head = root] = sides;
  if (base === undefined || sides.length > 2) return usage;
  const only = values.get("--only") ?? "";
  const names = hotPaths.map(({ name }) => name);
  if (!names.some((name) => name.includes(only)))
    return `no hot path has ${JSON.stringify(only)} in its name: ${names.join("; ")}`;
  return { base, head, quick, only, threshold, measures };
}
