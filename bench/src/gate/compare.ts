/** `npm run bench -- compare <commit> [<commit>]`: whether the second is slower than the first. Never by a time, always by ratio. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { figure } from "../measure/figure.ts";
import { prepareCheckout } from "./checkout.ts";
import { hasProgram } from "../measure/has-program.ts";
import { countInstructions, countSystemCalls } from "./counts.ts";
import { isSlower, timeRatio, type Side, type TimeRatio } from "./time-ratio.ts";

export const hotPaths = ["lock, sync", "lock", "cached read", "update", "append"];
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

export interface PathResult {
  readonly path: string;
  readonly time: TimeRatio | undefined;
  /** Of one call. */
  readonly instructions: Pair | undefined;
  readonly systemCalls: Pair | undefined;
  /** What is more than it may be. */
  readonly slower: readonly Measure[];
}

/** The second against the first, path by path. */
export async function comparePaths(
  request: CompareRequest,
  say: (text: string) => void,
): Promise<readonly PathResult[]> {
  const build = process.env["FLOCKWORK_BENCH_DIR"] ?? join(root, "bench/build");
  mkdirSync(build, { recursive: true });
  const directory = mkdtempSync(join(build, "gate-"));
  try {
    // Names of one length: a longer path would be more instructions.
    const sides = (["base", "head"] as const).map((name): Side => {
      const own = join(directory, name);
      return { program: prepareCheckout(request[name], own), directory: join(own, "files") };
    }) as [Side, Side];
    for (const side of sides) mkdirSync(side.directory);
    const { measures, quick, only } = request;
    const wanted = hotPaths.filter((path) => path.includes(only));
    const counted = (measure: Measure, program: string, count: (side: Side) => readonly number[]) => {
      if (!measures.includes(measure)) return [];
      if (hasProgram(program)) return (say(measure), sides.map((side) => ofAllPaths(measure, count(side))));
      say(`${measure} SKIPPED: no ${program} on this machine`);
      return [];
    };
    const instructions = counted("instructions", "valgrind", countInstructions);
    const systemCalls = counted("calls", "strace", countSystemCalls);
    const results: PathResult[] = [];
    for (const path of wanted) {
      if (measures.includes("time")) say(`time: ${path}`);
      const time = measures.includes("time") ? await timeRatio(path, sides, quick ? 9 : 41) : undefined;
      const at = hotPaths.indexOf(path);
      const figures = {
        path,
        time,
        instructions: pairAt(instructions, at),
        systemCalls: pairAt(systemCalls, at),
      };
      results.push({ ...figures, slower: slowerMeasures(figures, request.threshold) });
    }
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A path that was not counted would be no slower than anything. */
function ofAllPaths(measure: Measure, counts: readonly number[]): readonly number[] {
  if (counts.length === hotPaths.length) return counts;
  throw new Error(`${measure} were counted for ${counts.length} of ${hotPaths.length} paths`);
}

function pairAt(sides: readonly (readonly number[])[], at: number): Pair | undefined {
  const [first, second] = [sides[0]?.[at], sides[1]?.[at]];
  return first === undefined || second === undefined ? undefined : [first, second];
}

type Pair = readonly [base: number, head: number];
type Figures = Omit<PathResult, "slower">;

/** One more system call is one too many, whatever its share. */
function slowerMeasures({ time, instructions, systemCalls }: Figures, threshold: number): readonly Measure[] {
  return [
    ...(instructions !== undefined && instructions[1] / instructions[0] > threshold
      ? ["instructions" as const]
      : []),
    ...(systemCalls !== undefined && systemCalls[1] - systemCalls[0] > 0.5 ? ["calls" as const] : []),
    ...(time !== undefined && isSlower(time, threshold) ? ["time" as const] : []),
  ];
}

export function toTable(results: readonly PathResult[]): string {
  const line = ({ path, time, instructions, systemCalls, slower }: PathResult): string =>
    [
      path,
      time === undefined
        ? "-"
        : `${figure(time.median)} (quartile ${figure(time.lowerQuartile)}, noise ${figure(time.noise)})`,
      instructions === undefined
        ? "-"
        : `${(instructions[1] / instructions[0]).toFixed(4)} (${instructions.map(figure).join(" → ")})`,
      systemCalls === undefined ? "-" : systemCalls.map((count) => count.toFixed(2)).join(" → "),
      slower.length === 0 ? "no slower" : `SLOWER: ${slower.join(", ")}`,
    ].join(" | ");
  return [
    "| path | processor time, ratio | instructions a call, ratio | system calls a call | verdict |",
    "| --- | --- | --- | --- | --- |",
    ...results.map((result) => `| ${line(result)} |`),
  ].join("\n");
}

const usage =
  "usage: npm run bench -- compare <commit or directory> [<commit or directory>] [--quick] [--only <path>] [--threshold <ratio>] [--measure instructions,calls,time]";

/** A text is what is wrong. Without a second commit, the files of this checkout are it. */
export function readCompare(args: readonly string[]): CompareRequest | string {
  const sides: string[] = [];
  let [quick, only, threshold] = [false, "", 1.1];
  let measures = allMeasures;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? "";
    if (argument === "--quick") quick = true;
    else if (argument === "--only") only = args[(at += 1)] ?? "";
    else if (argument === "--threshold") threshold = Number(args[(at += 1)]);
    else if (argument === "--measure") measures = (args[(at += 1)] ?? "").split(",") as Measure[];
    else if (argument.startsWith("--")) return `unknown option: ${argument}\n${usage}`;
    else sides.push(argument);
  }
  const unknown = measures.find((measure) => !allMeasures.includes(measure));
  if (unknown !== undefined) return `there is no measure ${JSON.stringify(unknown)}\n${usage}`;
  const [base, head = root] = sides;
  if (base === undefined || sides.length > 2 || !(threshold > 1)) return usage;
  if (!hotPaths.some((path) => path.includes(only)))
    return `no hot path has ${JSON.stringify(only)} in its name`;
  return { base, head, quick, only, threshold, measures };
}

/** 0: no slower. 1: slower. 2: not understood, or not measured: that is no answer either. */
export async function compare(args: readonly string[]): Promise<number> {
  const request = readCompare(args);
  if (typeof request === "string") {
    console.error(request);
    return 2;
  }
  let results: readonly PathResult[];
  try {
    results = await comparePaths(request, (text) => console.error(`  ${text}`));
  } catch (error) {
    console.error(`${request.base} and ${request.head} could not be compared: ${messageOf(error)}`);
    return 2;
  }
  if (!results.every(isMeasured)) {
    console.error(`nothing could be measured by ${request.measures.join(", ")} on this machine`);
    return 2;
  }
  const slower = results.filter((result) => result.slower.length > 0).length;
  console.log(`${toTable(results)}\n`);
  console.log(`${results.length - slower} no slower, ${slower} slower`);
  return slower > 0 ? 1 : 0;
}

function isMeasured({ time, instructions, systemCalls }: PathResult): boolean {
  return [time, instructions, systemCalls].some((figures) => figures !== undefined);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
