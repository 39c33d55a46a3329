/** The same call on files of 1 MB to 1 GB, where the format allows that. */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { totalmem } from "node:os";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import type { Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Counted } from "../../workers/counted.ts";
import { tenKilobytes } from "../../workers/ten-kilobytes.ts";
import { writeIssues } from "../beads/generated-issues.ts";
import { measureGrowth, someOf, type Point, type Sized } from "./growth.ts";

const point = (megabytes: number): Point => ({
  label: megabytes >= 1_000 ? `${megabytes / 1_000} GB` : `${megabytes} MB`,
  size: megabytes,
});
const upTo = (megabytes: number): readonly Point[] =>
  [1, 10, 100, 1_000].filter((each) => each <= megabytes).map(point);
const line = `${JSON.stringify({ type: "note", at: "2026-01-01T00:00:00.000Z", text: "x".repeat(242) })}\n`;
/** Before anything is measured, in each process on a small file of its own: large ones would get fewer calls in the same time. */
const warmCalls = 300;

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

/** Counts something up in a process of its own. */
async function openCounted(context: BenchContext, args: readonly string[]): Promise<Sized> {
  const order = `for ${durations(context).fleetSeconds / 5}`;
  const program = await nodeWorker("counted.ts", args).ready();
  await program.ask(`warm ${warmCalls}`);
  await program.ask(order); // the first call reads what the others have in memory
  return {
    async round() {
      const { latenciesUs, cpuUs } = await program.ask<Counted>(order);
      if (latenciesUs.length === 0) throw new Error(`not one call was done: ${args.join(" ")}`);
      return { "processor time": cpuUs / latenciesUs.length, p50: median(latenciesUs) };
    },
    end: () => program.end(),
  };
}

async function measureCalls(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const log = await measureGrowth(
    context,
    {
      name: "append to a log",
      durability: "os",
      metrics: costs,
      rounds,
      points: someOf(context, upTo(1_000)),
      open: ({ size }) => {
        const path = context.file(`growing-${size}.jsonl`);
        writeLog(path, size);
        return openCounted(context, ["log", path, "ours", "os"]);
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
      rounds,
      points: someOf(context, upTo(1_000)),
      open: ({ size }) => {
        const path = context.file(`growing-${size}.json`);
        return openCounted(context, ["document", path, "ours", "os", String(size * 1_000)]);
      },
      endsBy: /Invalid string length/,
    },
    { metric: "processor time", shape: "linear", atMost: 1.3 },
  );
  return [...log, ...document];
}

/** What a process has at most more than before it opened the file: a fresh one each time. */
function openFresh(role: "document" | "log", path: string): Sized {
  return {
    async round() {
      const program = await nodeWorker("../families/growth/memory-worker.ts", [role, path]).ready();
      const { addedBytes } = await program.ask<{ readonly addedBytes: number }>("");
      await program.end();
      return { "memory added": addedBytes / 1e6 };
    },
  };
}

const memory = [{ name: "memory added", unit: "MB", better: "less", drawn: true }] as const;

async function measureMemory(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const document = await measureGrowth(
    context,
    {
      name: "reading and updating a document",
      durability: "os",
      metrics: memory,
      rounds,
      points: someOf(context, upTo(100)),
      async open({ size }) {
        const path = context.file(`memory-${size}.json`);
        writeFileSync(path, JSON.stringify(tenKilobytes(size * 1_000), undefined, 2));
        return openFresh("document", path);
      },
    },
    { metric: "memory added", shape: "linear", atMost: 1.3, from: 10 }, // one of 1 MB fits into what Node has to spare
  );
  const log = await measureGrowth(
    context,
    {
      name: "appending to a log and reading it, entry by entry",
      durability: "os",
      metrics: memory,
      rounds: Math.min(rounds, 3),
      points: someOf(context, upTo(1_000)),
      async open({ size }) {
        const path = context.file(`memory-${size}.jsonl`);
        writeLog(path, size);
        return openFresh("log", path);
      },
    },
    // V8's young generation fills up before it is collected: a log of 1 MB does not fill it
    { metric: "memory added", shape: "flat", atMost: 1.5, from: 100 },
  );
  return [...document, ...log];
}

/** All issues stay in memory, twice as large as their file: a gigabyte of them is not for every machine. */
const mostIssues = totalmem() < 8e9 ? 100 : 1_000;

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
      rounds: Math.min(rounds, 3),
      points: someOf(context, upTo(mostIssues)),
      async open({ size }) {
        const { directory } = writeIssues(context.file(`issues-${size}`), size * 950, context.seed);
        return {
          async round() {
            const program = await nodeWorker("../families/beads/worker.ts", ["open", directory]).ready();
            const cost = await program.ask<{ cpuUs: number; addedBytes: number }>("");
            await program.end();
            return { "processor time": cost.cpuUs / 1_000, "memory added": cost.addedBytes / 1e6 };
          },
        };
      },
    },
    { metric: "processor time", shape: "linear", atMost: 1.3 },
    { metric: "memory added", shape: "linear", atMost: 1.3 },
  );
}

export const fileSizes: Group = { name: "sizes", measure: measureCalls };
export const memorySizes: Group = { name: "memory", measure: measureMemory };
export const issueSizes: Group = { name: "issue sizes", measure: measureIssues };
