/** Durable appends of 300-byte lines: many callers of one process, and many processes. */
import { writeFileSync } from "node:fs";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { countLines } from "../../measure/count-lines.ts";
import { warmOrder } from "../../measure/counted-fleet.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import { figure } from "../../measure/figure.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { startPrograms, withPrograms } from "../../measure/programs.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Counted } from "../../workers/counted.ts";
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
  // Compiled by now, each of them.
  await warmUp(1, { ...contenders, alone: slice("alone", 2_000), sqlite: slice("sqlite", 2_000) });
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

/** What eight processes append to an empty file, each of them warm by lines in a file of its own. */
function appendFleet(path: string, way: string, warm: string, seconds: number): Promise<FleetFigure> {
  writeFileSync(path, "");
  return withPrograms(async (keep) => {
    const programs = Array.from({ length: 8 }, () =>
      keep(nodeWorker("counted.ts", ["log", path, way, "disk", "0"])),
    );
    await Promise.all(programs.map((program) => program.ready()));
    await Promise.all(programs.map((program) => program.ask(warm)));
    const answers = await Promise.all(programs.map((program) => program.ask<Counted>(`for ${seconds}`)));
    const sum = (countOf: (each: Counted) => number): number =>
      answers.reduce((total, each) => total + countOf(each), 0);
    const failed = sum((each) => each.failed);
    if (failed > 0) throw new Error(`${failed} calls failed`);
    const appends = sum(({ latenciesUs }) => latenciesUs.length);
    return { perSecond: sum(({ inTime }) => inTime) / seconds, lost: appends - countLines(path) };
  });
}

async function measureProcesses(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  let run = 0;
  const failures = new Failures(context.say);
  const warm = warmOrder(context);
  const contender = (way: string) => () =>
    appendFleet(context.file(`append-${(run += 1)}`), way, warm, fleetSeconds);
  const contenders = failures.guard({
    ours: contender("ours"),
    locked: contender("our lock"),
    bare: contender("plain fs"),
  });
  return [processesRow(ended(await interleave(rounds, contenders, hasLost)), failures)];
}

const withoutLock = "append + fdatasync without any lock, in the same rounds";

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
      : { note: [`${withoutLock}: ${figure(reached)} times the baseline`, ...lostIn(bare)].join("; ") }),
  });
}

function lostIn(fleets: readonly FleetFigure[]): readonly string[] {
  const lost = fleets.reduce((sum, fleet) => sum + Math.abs(fleet.lost), 0);
  return lost === 0 ? [] : [`${lost} lines lost`];
}

export const callers: Group = { name: "callers", measure: measureCallers };
export const processes: Group = { name: "processes", measure: measureProcesses };
