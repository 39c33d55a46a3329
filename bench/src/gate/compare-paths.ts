/** Measures both sides, path by path. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hasProgram } from "../measure/has-program.ts";
import { removeScratch, scratchDirectory, scratchParent } from "../measure/scratch.ts";
import { countInstructions, countSystemCalls, type Counts } from "./counts.ts";
import { hotPaths, type HotPath } from "./hot-path.ts";
import { layOut } from "./lay-out.ts";
import type { CompareRequest, Measure } from "./read-compare.ts";
import { hasPackage, onBoth, type Side, type Sides } from "./side.ts";
import { timeRatios } from "./time-ratio.ts";
import { lookTwice, none, slowerBy, type Figures, type Pair } from "./verdict.ts";

type Say = (text: string) => void;

export interface PathResult {
  readonly path: string;
  readonly figures: Figures;
  /** By what it is slower. */
  readonly slower: readonly string[];
}

/** The second against the first. @throws {Error} that names the side which could not be measured. */
export async function comparePaths(request: CompareRequest, say: Say): Promise<readonly PathResult[]> {
  const measures = takeable(request.measures, say);
  if (measures.length === 0) return [];
  const directory = scratchDirectory(scratchParent(), "gate");
  try {
    const sides = (["base", "head"] as const).map((name): Side => {
      return { name, what: request[name], directory: join(directory, name) };
    }) as [Side, Side];
    const wanted = hotPaths.filter(({ name }) => name.includes(request.only));
    const packages = [...new Set(["flock", "core", ...wanted.map((path) => path.package)])];
    for (const side of sides) mkdirSync(side.directory);
    await onBoth(sides, (side) => layOut(side, packages));
    return await measure({ ...request, measures }, sides, ofBoth(wanted, sides, say), say);
  } finally {
    removeScratch(directory);
  }
}

const programs: Partial<Record<Measure, string>> = { instructions: "valgrind", calls: "strace" };

/** Those that this machine has the program for. */
function takeable(measures: readonly Measure[], say: Say): readonly Measure[] {
  return measures.filter((measure) => {
    const program = programs[measure];
    if (program === undefined || hasProgram(program)) return true;
    say(`${measure} SKIPPED: no ${program} on this machine`);
    return false;
  });
}

/** A package that only one of the two has is no slower, and no faster. */
function ofBoth(paths: readonly HotPath[], sides: Sides, say: Say): readonly HotPath[] {
  return paths.filter((path) => {
    const isThere = sides.every((side) => hasPackage(side, path.package));
    if (!isThere) say(`${path.name} SKIPPED: not both have @flockwork/${path.package}`);
    return isThere;
  });
}

async function measure(
  { measures, quick, threshold }: CompareRequest,
  sides: Sides,
  paths: readonly HotPath[],
  say: Say,
): Promise<readonly PathResult[]> {
  const isTimed = measures.includes("time");
  const counted = paths.filter(({ takesTurns }) => takesTurns !== true);
  const count = async (name: Measure, counts: typeof countInstructions) => {
    if (!measures.includes(name)) return undefined;
    say(name);
    return await bothCounted(sides, counted, counts);
  };
  const instructions = await count("instructions", countInstructions);
  const systemCalls = await count("calls", countSystemCalls);
  const results: PathResult[] = [];
  for (const path of isTimed ? paths : counted) {
    const look = async (): Promise<Figures> => {
      say(`time: ${path.name}`);
      const { processor, clock } = await timeRatios(path, sides, quick ? 9 : 41);
      return { ...none, processorTime: processor, clock: path.waitsForDisk === true ? undefined : clock };
    };
    const figures = {
      ...(isTimed ? await lookTwice(look, threshold) : none),
      instructions: instructions?.get(path.name),
      systemCalls: systemCalls?.get(path.name),
    };
    results.push({ path: path.name, figures, slower: slowerBy(figures, threshold) });
  }
  return results;
}

/** Both at once: neither changes what the other counts. */
async function bothCounted(
  sides: Sides,
  paths: readonly HotPath[],
  counts: (side: Side, paths: readonly HotPath[]) => Promise<Counts>,
): Promise<ReadonlyMap<string, Pair>> {
  const [base, head] = await onBoth(sides, async (side) => ofAll(paths, await counts(side, paths)));
  return new Map(paths.map(({ name }) => [name, [base.get(name) ?? 0, head.get(name) ?? 0]]));
}

/** @throws {Error} a path was not counted: it would be no slower than anything. */
function ofAll(paths: readonly HotPath[], counts: Counts): Counts {
  const missing = paths.filter(({ name }) => !((counts.get(name) ?? 0) > 0)).map(({ name }) => name);
  if (missing.length === 0) return counts;
  throw new Error(`nothing was counted of ${missing.join("; ")}`);
}
