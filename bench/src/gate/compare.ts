/** `npm run bench -- compare <commit> [<commit>]`: whether the second is slower than the first. Never by a time, always by ratio. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { figure } from "../measure/figure.ts";
import { hasPackage, prepareCheckout } from "./checkout.ts";
import { hotPaths, readCompare, type CompareRequest, type Measure } from "./read-compare.ts";
import { hasProgram } from "../measure/has-program.ts";
import { removeScratch, scratchDirectory } from "../measure/scratch.ts";
import { countInstructions, countSystemCalls } from "./counts.ts";
import { isSlower, timeRatio, type Side, type TimeRatio } from "./time-ratio.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

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
  const directory = scratchDirectory(build, "gate");
  try {
    // Names of one length: a longer path would be more instructions.
    const sides = (["base", "head"] as const).map((name): Side => {
      const own = join(directory, name);
      return { program: prepareCheckout(request[name], own), directory: join(own, "files") };
    }) as [Side, Side];
    for (const side of sides) mkdirSync(side.directory);
    const { measures, quick, only } = request;
    const wanted = pathsOf(only, sides, say);
    const counted = (measure: Measure, program: string, count: typeof countInstructions) => {
      if (!measures.includes(measure)) return [];
      if (hasProgram(program))
        return (say(measure), sides.map((side) => ofAllPaths(measure, wanted, count(side, wanted))));
      say(`${measure} SKIPPED: no ${program} on this machine`);
      return [];
    };
    const instructions = counted("instructions", "valgrind", countInstructions);
    const systemCalls = counted("calls", "strace", countSystemCalls);
    const results: PathResult[] = [];
    for (const [at, path] of wanted.entries()) {
      if (measures.includes("time")) say(`time: ${path}`);
      const time = measures.includes("time") ? await timeRatio(path, sides, quick ? 9 : 41) : undefined;
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
    removeScratch(directory);
  }
}

/** A package that only one of the two has is no slower, and no faster. */
function pathsOf(only: string, sides: readonly Side[], say: (text: string) => void): readonly string[] {
  const wanted = [...hotPaths].filter(([path]) => path.includes(only));
  return wanted.flatMap(([path, name]) => {
    if (sides.every(({ program }) => hasPackage(program, name))) return path;
    say(`${path} SKIPPED: not both have @flockwork/${name}`);
    return [];
  });
}

/** A path that was not counted would be no slower than anything. */
function ofAllPaths(
  measure: Measure,
  paths: readonly string[],
  counts: readonly number[],
): readonly number[] {
  if (counts.length === paths.length && counts.every((count) => count > 0)) return counts;
  throw new Error(
    `${measure} were counted for ${counts.filter((count) => count > 0).length} of ${paths.length} paths`,
  );
}

function pairAt(sides: readonly (readonly number[])[], at: number): Pair | undefined {
  const [first, second] = [sides[0]?.[at], sides[1]?.[at]];
  return first === undefined || second === undefined ? undefined : [first, second];
}

type Pair = readonly [base: number, head: number];
type Figures = Omit<PathResult, "slower">;

/** One more system call is one too many; where a call makes many, some are looks at what time it is. */
function slowerMeasures({ time, instructions, systemCalls }: Figures, threshold: number): readonly Measure[] {
  return [
    ...(instructions !== undefined && instructions[1] / instructions[0] > threshold
      ? ["instructions" as const]
      : []),
    ...(systemCalls !== undefined && systemCalls[1] - systemCalls[0] > Math.max(0.5, systemCalls[0] / 100)
      ? ["calls" as const]
      : []),
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
  if (results.length === 0 || !results.every(isMeasured)) {
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
