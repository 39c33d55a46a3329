/** More processes on one lock, document, log or queue: what an operation costs when 1, 8 or 64 of them want it at once. */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { lossOf } from "../../measure/failures.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import type { Row } from "../../measure/row.ts";
import { jain } from "../../measure/statistics.ts";
import { measureGrowth, type Sized } from "./growth.ts";

/** What processes do side by side. */
interface Work {
  readonly name: string;
  readonly durability: string;
  /** What has to be there before the first process. */
  readonly prepare?: (path: string) => void;
  /** One process of it; the first one makes what `prepare` has not. Each warms up on a file of its own. */
  readonly start: (path: string, seconds: number) => Promise<LineProgram>;
  readonly order: (seconds: number) => string;
  /** Operations that were acknowledged, of one process's answer. */
  readonly doneOf: (answer: Answer) => number;
  /** Operations that are in the file. */
  readonly stored: (path: string, first: LineProgram) => Promise<number>;
  /** How many times as much as eight processes 64 may take for an operation. */
  readonly atMost: number;
}

/** Of the workers that are used here; each has one of the counts. */
interface Answer {
  readonly cpuUs: number;
  readonly waitsUs?: readonly number[];
  readonly latenciesUs?: readonly number[];
  readonly failed?: number;
  readonly jobs?: number;
}

const warmCalls = 200;
const warmQueue = { env: { FLOCKWORK_BENCH_WARM_MS: "200" } };

/**
 * A hand-over wakes one process, however many wait: it has to cost the same. What is left to 1.5 is what the other flat rows have,
 * and the scheduler's: 64 processes leave a processor nothing of the last one in its caches.
 */
const handOver = 1.5;

function counted(what: "document" | "log", name: string): Work {
  return {
    name,
    durability: "os",
    async start(path) {
      const program = await nodeWorker("counted.ts", [what, path, "ours", "os", "10"]).ready();
      await program.ask(`warm ${warmCalls}`);
      return program;
    },
    order: (seconds) => `for ${seconds}`,
    doneOf({ latenciesUs = [], failed = 0 }) {
      if (failed > 0) throw new Error(`${failed} calls failed`);
      return latenciesUs.length;
    },
    stored: async (_path, first) => (await first.ask<{ stored: number }>("stored")).stored,
    atMost: handOver,
  };
}

const works: readonly Work[] = [
  {
    name: "processes on one lock, 1 ms holds",
    durability: "none",
    prepare: (path) => writeFileSync(path, Buffer.alloc(8)),
    start: (path, seconds) => nodeWorker("section.ts", [path, "1000", "0", String(seconds), "ours"]).ready(),
    order: () => "go",
    doneOf: ({ waitsUs = [] }) => waitsUs.length,
    stored: async (path) => Number(readFileSync(path).readBigUInt64LE()),
    atMost: handOver,
  },
  counted("document", "processes on one document of 10 KB"),
  counted("log", "processes on one log"),
  {
    name: "processes on one queue, a caller each",
    durability: "os",
    start: (path) => nodeWorker("queue-jobs.ts", [path, "ours", "os", "1"], warmQueue).ready(),
    order: (seconds) => `for ${seconds}`,
    doneOf: ({ jobs = 0 }) => jobs,
    stored: async (_path, first) => (await first.ask<{ completed: number }>("completed")).completed,
    // Each process takes in what all others did, some 22 us a job: 56 more of them are half as much again as a job's three hand-overs.
    atMost: 2,
  },
];

/** The first one alone, since it may make the file; then one for each processor, so that a warm-up by the clock is as long for all. */
async function startAll(
  size: number,
  start: () => Promise<LineProgram>,
): Promise<readonly [LineProgram, ...LineProgram[]]> {
  const programs: [LineProgram, ...LineProgram[]] = [await start()];
  while (programs.length < size) {
    const length = Math.min(availableParallelism(), size - programs.length);
    programs.push(...(await Promise.all(Array.from({ length }, start))));
  }
  return programs;
}

/** So many processes on a file of theirs; they run when they are asked to, and wait otherwise. */
async function openCrowd(context: BenchContext, work: Work, size: number): Promise<Sized> {
  const seconds = durations(context).fleetSeconds / 2;
  const path = context.file(`crowd-${works.indexOf(work)}-${size}`);
  work.prepare?.(path);
  const programs = await startAll(size, () => work.start(path, seconds));
  let done = 0;
  const run = async (): Promise<Run> => {
    const since = performance.now();
    const answers = await Promise.all(programs.map((each) => each.ask<Answer>(work.order(seconds))));
    const wallMs = performance.now() - since;
    const counts = answers.map(work.doneOf);
    done += sum(counts);
    return { wallMs, done: counts, cpuUs: answers.map(({ cpuUs }) => cpuUs) };
  };
  await run(); // the first one opens the file
  return {
    round: async () => figuresOf(await run()),
    async faults() {
      const lost = Math.abs(done - (await work.stored(path, programs[0])));
      return lossOf(lost, `operations of ${size} processes`);
    },
    end: () => Promise.all(programs.map((each) => each.end())),
  };
}

/** One run of all processes: a figure for each, and the time until the last one ended. */
export interface Run {
  readonly wallMs: number;
  readonly done: readonly number[];
  readonly cpuUs: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function figuresOf({ wallMs, done, cpuUs }: Run) {
  return {
    throughput: (1_000 * sum(done)) / wallMs,
    "processor time an operation": sum(cpuUs) / sum(done),
    Jain: jain(done),
  };
}

async function measureProcesses(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const sizes = context.quick ? [1, 2, 4] : [1, 8, 64];
  const rows: Row[] = [];
  for (const work of works) {
    const growing = { shape: "flat", atMost: work.atMost, from: sizes[1] ?? 1 } as const;
    const measured = await measureGrowth(
      context,
      {
        name: work.name,
        durability: work.durability,
        metrics: [
          { name: "throughput", unit: "ops/s", better: "more", drawn: true },
          { name: "processor time an operation", unit: "us", better: "less", drawn: true },
          { name: "Jain", unit: "index", better: "more", drawn: false },
        ],
        points: sizes.map((size) => ({ label: `${size} process${size === 1 ? "" : "es"}`, size })),
        rounds,
        open: ({ size }) => openCrowd(context, work, size),
      },
      { metric: "processor time an operation", ...growing },
      { metric: "throughput", ...growing },
    );
    rows.push(...measured);
  }
  return rows;
}

export const moreProcesses: Group = { name: "process counts", measure: measureProcesses };
