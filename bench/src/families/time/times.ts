/** Time: start and stop from 8 processes on a year of it, a journal at two lengths, and a report on the year. */
import { mkdirSync } from "node:fs";
import { openTimeTracking } from "@flockwork/time-tracking";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { startPrograms } from "../../measure/programs.ts";
import { disturbance, interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { percentile } from "../../measure/statistics.ts";
import { faultsOf, historyFaults, type Answer } from "./time-faults.ts";
import { writeYear } from "./year.ts";

const processes = 8;

function worker(way: string, directory: string, own = "eve", alone = ""): LineProgram {
  return nodeWorker("../families/time/time-worker.ts", [way, directory, own, alone]);
}

/** Warm, each by as many operations on a small file of its own, or as many as take three seconds. */
async function fleet(way: string, directory: string, operations: number): Promise<readonly LineProgram[]> {
  const names = Array.from({ length: processes }, (_, at) => `worker${at}`);
  const programs = await Promise.all(names.map((name) => worker(way, directory, name).ready()));
  await Promise.all(programs.map((program) => program.ask<Answer>(`warm ${operations} 3`)));
  return programs;
}

function medianOf(answers: readonly Answer[], figure: "latenciesMs" | "cpuMs" = "latenciesMs"): number {
  return percentile(
    answers.flatMap((answer) => answer[figure]),
    0.5,
  );
}

async function measureYear(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const ways = ["document", "history", "bare", "raw"] as const;
  const fleets = new Map<string, readonly LineProgram[]>();
  for (const way of ways) {
    const directory = context.file(`year-${way}`);
    writeYear(directory, context.quick ? 20 : 1);
    const programs = await failures.of(way, () => fleet(way, directory, 300 / shrink));
    if (programs !== undefined) fleets.set(way, programs);
  }
  const told = { document: [] as Answer[], history: [] as Answer[] };
  const ask = (way: string) => async (): Promise<number> => {
    const programs = fleets.get(way) ?? [];
    const answers = await Promise.all(programs.map((program) => program.ask<Answer>("2")));
    if (way === "document" || way === "history") told[way].push(...answers);
    return medianOf(answers);
  };
  const contenders = failures.guard({
    document: ask("document"),
    history: ask("history"),
    bare: ask("bare"),
    raw: ask("raw"),
  });
  await warmUp(1, contenders); // each has read the whole file by now
  const figures = ended(await interleave(Math.min(rounds, 3), contenders));
  for (const programs of fleets.values()) await Promise.all(programs.map((program) => program.end()));
  const lost = {
    document: await faultsOf(context.file("year-document"), told.document),
    history: [
      ...(await faultsOf(context.file("year-history"), told.history)),
      ...historyFaults(context.file("year-history"), told.history),
    ],
  };
  const baseline = { name: "lock, read, parse, write, fsync, rename", values: figures.raw };
  const row = {
    durability: "disk",
    unit: "ms",
    baseline,
    goal: { compared: "ours / baseline", atMost: 1.2 },
  } as const;
  const name = `start or stop on 50 000 entries, ${processes} processes, p50`;
  return [
    judge({
      ...row,
      name: `${name}, without a history`,
      ours: figures.document,
      ...failures.between("document", "raw"),
      faults: [...failures.faultsOf("document"), ...lost.document],
    }),
    judge({
      ...row,
      name: `${name}, with a history`,
      ours: figures.history,
      ...failures.between("history", "raw"),
      faults: [...failures.faultsOf("history"), ...lost.history],
      note: "one more file in each commit",
    }),
    judge({
      name: `${name}, beside a bare document`,
      durability: "disk",
      unit: "ms",
      ours: figures.document,
      baseline: { name: "one field changed by core's document", values: figures.bare },
      goal: { compared: "ours / baseline", atMost: 1.2 },
      ...failures.between("document", "bare"),
      faults: [...failures.faultsOf("document"), ...lost.document],
      note: "what of it is the document's, and what is spent on time",
    }),
  ];
}

async function measureJournal(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const [short, long] = [context.file("journal-short"), context.file("journal-long")];
  for (const directory of [short, long]) mkdirSync(directory);
  const filler = openTimeTracking(long, { mode: "journal", durability: "os", timeZone: "UTC" });
  for (let done = 0; done < 50_000 / shrink; done += 500) {
    const starts = Array.from({ length: 500 }, (_, at) => (done + at) * 600_000 + Date.UTC(2024, 0, 1));
    await Promise.all(
      starts.map((ms) => filler.add({ taskId: "1", actorId: "eve", startedAt: ms, endedAt: ms + 1_000 })),
    );
  }
  const [ours, base] = await Promise.all([worker("journal", long).ready(), worker("journal", short).ready()]);
  const ask = (program: LineProgram) => async () =>
    medianOf([await program.ask<Answer>(String(Math.ceil(100 / shrink)))]);
  const contenders = { long: ask(ours), short: ask(base) };
  await warmUp(10, contenders); // compiled by now
  const figures = await interleave(rounds, contenders);
  await Promise.all([ours.end(), base.end()]);
  return [
    judge({
      name: "start or stop in a journal of 50 000 entries, p50",
      durability: "disk",
      unit: "ms",
      ours: figures.long,
      baseline: { name: "in an empty journal", values: figures.short },
      goal: { compared: "ours / baseline", atMost: 1.2 },
    }),
  ];
}

async function measureReport(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const directory = context.file("report");
  writeYear(directory, context.quick ? 20 : 1);
  const program = await worker("report", directory).ready();
  await program.ask<Answer>("3");
  const { ours, [disturbance]: others } = await interleave(rounds, {
    ours: async () => medianOf([await program.ask<Answer>(String(Math.ceil(10 / shrink)))]),
  });
  await program.end();
  return [
    judge({
      name: "report on 50 000 entries by actor and day, warm",
      durability: "none",
      unit: "ms",
      ours,
      goal: { compared: "ours", atMost: 100 },
      disturbance: others,
    }),
  ];
}

/** What a whole file that somebody else has changed since costs one process. */
async function measureAlone(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const failures = new Failures(context.say);
  const start = (way: string) => (): LineProgram => {
    const directory = context.file(`alone-${way}`);
    writeYear(directory, context.quick ? 20 : 1);
    return worker(way, directory, "eve", "alone");
  };
  const programs = await startPrograms(failures, {
    document: start("document"),
    bare: start("bare"),
    raw: start("raw"),
  });
  const contenders = {
    document: programs.slice<Answer>("document", "4"),
    bare: programs.slice<Answer>("bare", "4"),
    raw: programs.slice<Answer>("raw", "4"),
  };
  await warmUp(1, contenders);
  const answers = ended(await interleave(Math.min(rounds, 5), contenders));
  await programs.end();
  return aloneRows(answers, failures);
}

type Changing = "document" | "bare" | "raw";
type Alone = Readonly<Record<Changing, readonly Answer[]>>;

/** On the clock, for the disk is a part of it; and of processor time, in rows that say so. */
export function aloneRows(answers: Alone, failures: Failures): readonly Row[] {
  return [
    ...besideOthers("", "latenciesMs", answers, failures),
    ...besideOthers("processor time of ", "cpuMs", answers, failures),
  ];
}

function besideOthers(
  before: string,
  figure: "latenciesMs" | "cpuMs",
  answers: Alone,
  failures: Failures,
): readonly Row[] {
  const valuesOf = (who: Changing): readonly number[] =>
    answers[who].map((answer) => medianOf([answer], figure));
  const bareChange = "one field changed by core's document";
  const least = "read, parse, write, fsync, rename";
  const row = (subject: string, who: Changing, against: string, whom: Changing): Row =>
    judge({
      name: `${before}${subject}, of 50 000 entries that another changed`,
      durability: "disk",
      unit: "ms",
      ours: valuesOf(who),
      baseline: { name: against, values: valuesOf(whom) },
      goal: { compared: "ours / baseline", atMost: 1.2 },
      ...failures.between(who, whom),
    });
  return [
    row("a start or stop", "document", least, "raw"),
    row("a start or stop", "document", bareChange, "bare"),
    row(bareChange, "bare", least, "raw"),
  ];
}

async function measureOneProcess(context: BenchContext): Promise<readonly Row[]> {
  return [...(await measureReport(context)), ...(await measureAlone(context))];
}

export const yearOfTime: Group = { name: "start and stop", measure: measureYear };
export const timeJournal: Group = { name: "journal", measure: measureJournal };
export const timeReport: Group = { name: "one process", measure: measureOneProcess };
