/** The same call on files of 1 MB to 1 GB, where the format allows that. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import type { Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Counted } from "../../workers/counted.ts";
import { writeIssues } from "../beads/generated-issues.ts";
import { measureGrowth, type Point } from "./growth.ts";

const point = (megabytes: number): Point => ({
  label: megabytes >= 1_000 ? `${megabytes / 1_000} GB` : `${megabytes} MB`,
  size: megabytes,
});
const line = `${JSON.stringify({ type: "note", at: "2026-01-01T00:00:00.000Z", text: "x".repeat(242) })}\n`;

/** A log of so many megabytes. */
function writeLog(path: string, megabytes: number): void {
  const fd = openSync(path, "w");
  const chunk = line.repeat(Math.floor(1e6 / line.length));
  for (let at = 0; at < megabytes; at += 1) writeSync(fd, chunk);
  closeSync(fd);
}

const costs = [
  { name: "processor time", unit: "us", better: "less", drawn: true },
  { name: "p50", unit: "us", better: "less", drawn: true },
] as const;

/** Counts something up in a process of its own, some rounds of it. */
async function count(
  context: BenchContext,
  args: readonly string[],
): Promise<Readonly<Record<string, readonly number[]>>> {
  const { rounds, fleetSeconds } = durations(context);
  const program = await nodeWorker("counted.ts", args).ready();
  try {
    await program.ask<Counted>("for 0.2");
    const answers: Counted[] = [];
    for (let round = 0; round < rounds; round += 1)
      answers.push(await program.ask<Counted>(`for ${fleetSeconds / 5}`));
    if (answers.some(({ latenciesUs }) => latenciesUs.length === 0))
      throw new Error("Error: not one call was done");
    return {
      "processor time": answers.map(({ cpuUs, latenciesUs }) => cpuUs / latenciesUs.length),
      p50: answers.map(({ latenciesUs }) => median(latenciesUs)),
    };
  } finally {
    program.kill();
    await program.ended();
  }
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const log = await measureGrowth(
    context,
    {
      name: "append to a log",
      durability: "os",
      metrics: costs,
      points: [1, 10, 100, 1_000].map(point),
      measure: ({ size, label }) => {
        const path = context.file(`growing-${label.replace(" ", "-")}.jsonl`);
        writeLog(path, size);
        return count(context, ["log", path, "ours", "os"]);
      },
    },
    { metric: "processor time", shape: "flat", atMost: 1.5 },
  );
  const document = await measureGrowth(
    context,
    {
      name: "update of a document",
      durability: "os",
      metrics: costs,
      points: [1, 10, 100, 1_000].map(point),
      measure: ({ size, label }) => {
        const path = context.file(`growing-${label.replace(" ", "-")}.json`);
        return count(context, ["document", path, "ours", "os", String(size * 1_000)]);
      },
    },
    { metric: "processor time", shape: "linear", atMost: 1.3 },
  );
  return [...log, ...document];
}

/** Files of issues: what opening them costs, and what is resident then. */
async function measureIssues(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  return await measureGrowth(
    context,
    {
      name: "opening a log of issues",
      durability: "none",
      metrics: [
        { name: "processor time", unit: "ms", better: "less", drawn: true },
        { name: "memory added", unit: "MB", better: "less", drawn: true },
      ],
      points: [1, 10, 100, 1_000].map(point),
      measure: async ({ size, label }) => {
        const { directory } = writeIssues(
          context.file(`issues-${label.replace(" ", "-")}`),
          size * 950,
          context.seed,
        );
        const cpu: number[] = [];
        const added: number[] = [];
        for (let round = 0; round < Math.min(rounds, 3); round += 1) {
          const program = await nodeWorker("../families/beads/worker.ts", ["open", directory]).ready();
          const cost = await program.ask<{ cpuUs: number; addedBytes: number }>("");
          cpu.push(cost.cpuUs / 1_000);
          added.push(cost.addedBytes / 1e6);
          await program.end();
        }
        return { "processor time": cpu, "memory added": added };
      },
    },
    { metric: "processor time", shape: "linear", atMost: 1.3 },
    { metric: "memory added", shape: "linear", atMost: 1.3 },
  );
}

export const fileSizes: Group = { name: "sizes", measure };
export const issueSizes: Group = { name: "issue sizes", measure: measureIssues };
