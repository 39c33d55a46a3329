/** `npm run bench -- compare <commit> [<commit>]`: whether the second is slower than the first. Never by a time, always by ratio. */
import { figure } from "../measure/figure.ts";
import { comparePaths, type PathResult } from "./compare-paths.ts";
import { readCompare } from "./read-compare.ts";
import { messageOf } from "./side.ts";
import type { TimeRatio } from "./time-ratio.ts";

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
  if (results.length === 0) {
    console.error(`nothing could be measured by ${request.measures.join(", ")} on this machine`);
    return 2;
  }
  const slower = results.filter((result) => result.slower.length > 0).length;
  console.log(`${toTable(results)}\n`);
  console.log(`${results.length - slower} no slower, ${slower} slower`);
  return slower > 0 ? 1 : 0;
}

function toTable(results: readonly PathResult[]): string {
  return [
    "| path | processor time, ratio | clock, ratio | instructions a call, ratio | system calls a call | verdict |",
    "| --- | --- | --- | --- | --- | --- |",
    ...results.map((result) => `| ${cells(result).join(" | ")} |`),
  ].join("\n");
}

function cells({ path, figures, slower }: PathResult): readonly string[] {
  const { processorTime, clock, instructions, systemCalls } = figures;
  return [
    path,
    inWords(processorTime),
    inWords(clock),
    instructions === undefined
      ? "-"
      : `${(instructions[1] / instructions[0]).toFixed(4)} (${instructions.map(figure).join(" → ")})`,
    systemCalls === undefined ? "-" : systemCalls.map((count) => count.toFixed(2)).join(" → "),
    slower.length === 0 ? "no slower" : `SLOWER: ${slower.join(", ")}`,
  ];
}

function inWords(ratio: TimeRatio | undefined): string {
  if (ratio === undefined) return "-";
  return `${figure(ratio.median)} (quartile ${figure(ratio.lowerQuartile)}, noise ${figure(ratio.noise)})`;
}
