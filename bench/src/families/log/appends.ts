/** Durable appends of 300-byte lines: many callers of one process, and many processes. */
import { writeFileSync } from "node:fs";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { countLines } from "../../measure/count-lines.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import { figure } from "../../measure/figure.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { startPrograms } from "../../measure/programs.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Cost } from "../../workers/line-server.ts";

const many = 64;

async function measureCallers(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const start = (name: string, way: string, callers: number) => () =>
    nodeWorker("log-append.ts", [context.file(name), way, String(callers)]);
  const programs = await startPrograms(failures, {
    crowd: start("log-crowd", "ours", many),
    alone: start("log-alone", "ours", 1),
    sqlite: start("log-sqlite", "sqlite", 1),
  });
  const slice = (who: Caller, count: number) => programs.slice<Cost>(who, String(Math.ceil(count / shrink)));
  const contenders = {
    crowd: slice("crowd", 100),
    alone: slice("alone", 200),
    sqlite: slice("sqlite", 200),
  };
  await warmUp(1, contenders);
  const costs = ended(await interleave(rounds * 3, contenders));
  await programs.end();
  return callerRows(costs, failures);
}

type Caller = "crowd" | "alone" | "sqlite";

export function callerRows(
  costs: Readonly<Record<Caller, readonly Cost[]>>,
  failures: Failures,
): readonly Row[] {
  const rate = (who: Caller): number[] => costs[who].map(({ wallUs }) => 1e6 / wallUs);
  const row = (name: string, who: "alone" | "sqlite", atLeast: number): Row =>
    judge({
      name: `durable append, ${many} callers`,
      durability: "disk",
      unit: "ops/s",
      ours: rate("crowd"),
      baseline: { name, values: rate(who) },
      goal: { compared: "ours / baseline", atLeast },
      ...failures.between("crowd", who),
    });
  return [
    row("one at a time", "alone", 20),
    row("SQLite WAL, synchronous=FULL, one insert a transaction", "sqlite", 15),
  ];
}

interface FleetFigure {
  readonly perSecond: number;
  readonly lost: number;
}

async function appendFleet(path: string, way: string, seconds: number): Promise<FleetFigure> {
  writeFileSync(path, "");
  const programs = Array.from({ length: 8 }, () => nodeWorker("log-append.ts", [path, way]));
  try {
    await Promise.all(programs.map((program) => program.ready()));
    const answers = await Promise.all(
      programs.map((program) => program.ask<{ appends: number }>(`for ${seconds}`)),
    );
    await Promise.all(programs.map((program) => program.end()));
    const appends = answers.reduce((sum, answer) => sum + answer.appends, 0);
    return { perSecond: appends / seconds, lost: appends - countLines(path) };
  } finally {
    for (const program of programs) program.kill(); // where one failed
  }
}

/** What eight processes append without a lock, each line synced by whoever wrote it. */
async function bareFleet(path: string, seconds: number): Promise<FleetFigure> {
  const start = () => nodeWorker("counted.ts", ["log", path, "plain fs", "disk"]).ready();
  const programs = await Promise.all(Array.from({ length: 8 }, start));
  const answers = await Promise.all(
    programs.map((program) => program.ask<{ inTime: number }>(`for ${seconds}`)),
  );
  await Promise.all(programs.map((program) => program.end()));
  return { perSecond: answers.reduce((sum, { inTime }) => sum + inTime, 0) / seconds, lost: 0 };
}

async function measureProcesses(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  let run = 0;
  const failures = new Failures(context.say);
  const contender = (way: string) => () =>
    appendFleet(context.file(`append-${(run += 1)}`), way, fleetSeconds);
  const contenders = failures.guard<"ours" | "locked" | "bare", FleetFigure>({
    ours: contender("ours"),
    locked: contender("locked"),
    bare: () => bareFleet(context.file(`append-${(run += 1)}`), fleetSeconds),
  });
  return [processesRow(ended(await interleave(rounds, contenders, hasLost)), failures)];
}

export function processesRow(
  { ours, locked, bare }: Readonly<Record<"ours" | "locked" | "bare", readonly FleetFigure[]>>,
  failures: Failures,
): Row {
  const reached = median(
    bare.map(({ perSecond }, round) => perSecond / (locked[round]?.perSecond ?? Number.NaN)),
  );
  const between = failures.between("ours", "locked");
  return judge({
    name: "durable append, 8 processes",
    durability: "disk",
    unit: "ops/s",
    ours: ours.map(({ perSecond }) => perSecond),
    baseline: {
      name: "append + fdatasync inside the lock",
      values: locked.map(({ perSecond }) => perSecond),
    },
    goal: { compared: "ours / baseline", atLeast: 2 },
    ...between,
    faults: [...between.faults, ...lostIn(ours)],
    baselineFaults: [...between.baselineFaults, ...lostIn(locked)],
    ...(Number.isNaN(reached)
      ? {}
      : {
          note: `append + fdatasync without any lock, in the same rounds: ${figure(reached)} times the baseline`,
        }),
  });
}

function lostIn(fleets: readonly FleetFigure[]): readonly string[] {
  const lost = fleets.reduce((sum, fleet) => sum + Math.abs(fleet.lost), 0);
  return lost === 0 ? [] : [`${lost} lines lost`];
}

export const callers: Group = { name: "callers", measure: measureCallers };
export const processes: Group = { name: "processes", measure: measureProcesses };
