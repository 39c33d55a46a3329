/** 8 and 16 processes that want one lock for a millisecond at a time, against C that blocks in flock and proper-lockfile that polls. */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { hasLost } from "../../measure/failures.ts";
import {
  faultsOf,
  runFleet,
  type FleetFigures,
  type FleetRun,
  type MemberFactory,
} from "../../measure/fleet.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { disturbance, interleave, type Rounds } from "../../measure/rounds.ts";
import { judge, type Goal, type Row, type Unit } from "../../measure/row.ts";
import { largest, median } from "../../measure/statistics.ts";

const ours: MemberFactory = (args) => nodeWorker("section.ts", [...args, "ours"]);
/** Without our own thread in the kernel's queue: tries, then waits for a doorbell and for flock(1). */
const withoutAddon: MemberFactory = (args) =>
  nodeWorker("section.ts", [...args, "ours"], { env: { FLOCKWORK_FLOCK_BINDING: "koffi" } });
const inC: MemberFactory = (args) => new LineProgram(pathOf(cBaseline("section")), args);
const onAddon: MemberFactory = (args) => nodeWorker("section.ts", [...args, "addon"]);
/** The least a Node process can do. What it lacks against C is the price of an event loop on this machine. */
const floor = "Node on the addon's thread alone";
const properLockfile =
  (retryMs: number): MemberFactory =>
  (args) =>
    nodeWorker("section.ts", [...args, `proper-lockfile, ${retryMs} ms`]);

type Figure = (figures: FleetFigures) => number;
const throughput: Figure = ({ opsPerSecond }) => opsPerSecond;
const p99: Figure = ({ p99Ms }) => p99Ms;
const worst: Figure = ({ worstMs }) => worstMs;

function fleetOf(context: BenchContext, count: number, thinkUs: number, seconds: number) {
  let run = 0;
  return (member: MemberFactory) => (): Promise<FleetRun> =>
    runFleet(
      { path: context.file(`fleet-${count}-${thinkUs}-${(run += 1)}`), sectionUs: 1000, thinkUs, seconds },
      [Array.from({ length: count }, () => member)],
    );
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const eight = fleetOf(context, 8, 1000, fleetSeconds);
  context.say("8 processes");
  const contenders = {
    ours: eight(ours),
    koffi: eight(withoutAddon),
    "C flock": eight(inC),
    [floor]: eight(onAddon),
    "proper-lockfile, 1 ms": eight(properLockfile(1)),
    "proper-lockfile, 10 ms": eight(properLockfile(10)),
    "proper-lockfile, 100 ms": eight(properLockfile(100)),
  };
  const runs = await interleave(rounds, contenders, hasLost);
  showFleets(context, runs);
  context.say("16 processes");
  const sixteen = fleetOf(context, 16, 0, fleetSeconds);
  const crowd = await interleave(rounds, { ours: sixteen(ours), "C flock": sixteen(inC) }, hasLost);

  const row = (
    what: string,
    unit: Unit,
    figure: Figure,
    against: Exclude<keyof typeof contenders, "ours" | "koffi">,
    goal: Goal,
    note?: string,
  ): Row =>
    fleetRow(runs, {
      name: `8 processes, 1 ms section, 1 ms think: ${what}`,
      unit,
      figure,
      against,
      goal,
      note,
    });
  const share = median(runs[floor].map((run, round) => ratio(run, runs["C flock"][round])));
  return [
    row(
      "throughput",
      "ops/s",
      throughput,
      "C flock",
      { compared: "ours / baseline", atLeast: 0.88 },
      `${floor} reaches ${share.toFixed(3)} of C`,
    ),
    row("throughput", "ops/s", throughput, floor, { compared: "ours / baseline", atLeast: 0.95 }),
    row("p99 wait", "ms", p99, "C flock", { compared: "ours / baseline", atMost: 1 }),
    row("fairness (Jain)", "index", ({ jain }) => jain, "C flock", { compared: "ours", atLeast: 0.99 }),
    row("throughput", "ops/s", throughput, "proper-lockfile, 1 ms", {
      compared: "ours / baseline",
      atLeast: 1.3,
    }),
    row("throughput", "ops/s", throughput, "proper-lockfile, 10 ms", {
      compared: "ours / baseline",
      atLeast: 1.8,
    }),
    row("throughput", "ops/s", throughput, "proper-lockfile, 100 ms", {
      compared: "ours / baseline",
      atLeast: 2.8,
    }),
    row("p99 wait", "ms", p99, "proper-lockfile, 1 ms", { compared: "baseline / ours", atLeast: 4 }),
    row("worst wait", "ms", worst, "proper-lockfile, 1 ms", { compared: "baseline / ours", atLeast: 6 }),
    fleetRow(runs, {
      name: "8 processes, 1 ms section, 1 ms think, no addon (koffi): throughput",
      who: "koffi",
      unit: "ops/s",
      figure: throughput,
      against: "C flock",
      goal: { compared: "ours / baseline", atLeast: 0.8 },
    }),
    fleetRow(crowd, {
      name: "16 processes, 1 ms section, no think: worst wait",
      unit: "ms",
      figure: worst,
      against: "C flock",
      goal: { compared: "ours / baseline", atMost: 1 },
    }),
  ];
}

/** All of the eight side by side, so that what a row rests on is in the report. */
function showFleets(context: BenchContext, runs: Rounds<string, FleetRun>): void {
  const called: Readonly<Record<string, string>> = {
    ours: "Flockwork",
    koffi: "Flockwork, no addon (koffi)",
  };
  const figuresOf = (fleets: readonly FleetRun[], figure: Figure): readonly number[] =>
    fleets.flatMap(({ groups }) => groups.map(figure));
  context.show({
    name: "8 processes side by side, 1 ms section, 1 ms think",
    durability: "none",
    metrics: [
      { name: "throughput", unit: "ops/s", better: "more", drawn: false },
      { name: "p50 wait", unit: "ms", better: "less", drawn: false },
      { name: "p99 wait", unit: "ms", better: "less", drawn: false },
      { name: "worst wait", unit: "ms", better: "less", drawn: false },
      { name: "worst of all rounds", unit: "ms", better: "less", drawn: false },
      { name: "processor time an operation", unit: "us", better: "less", drawn: false },
    ],
    contenders: Object.entries(runs).map(([name, fleets]) => ({
      name: called[name] ?? name,
      kind: name === "C flock" || name === floor ? "line" : name in called ? "ours" : "peer",
      figures: {
        throughput: figuresOf(fleets, throughput),
        "p50 wait": figuresOf(fleets, ({ p50Ms }) => p50Ms),
        "p99 wait": figuresOf(fleets, p99),
        "worst wait": figuresOf(fleets, worst),
        "worst of all rounds": [largest(figuresOf(fleets, worst))],
        "processor time an operation": figuresOf(fleets, ({ cpuUs }) => cpuUs),
      },
    })),
    disturbance: runs[disturbance],
  });
}

interface FleetRow<Name extends string> {
  readonly name: string;
  /** Ours, where it is not that of the name. */
  readonly who?: Name;
  readonly unit: Unit;
  readonly figure: Figure;
  readonly against: Name;
  readonly goal: Goal;
  readonly note?: string | undefined;
}

function fleetRow<Name extends string>(runs: Rounds<Name | "ours", FleetRun>, row: FleetRow<Name>): Row {
  const { name, who = "ours", unit, figure, against, goal, note } = row;
  const values = (of: Name | "ours"): number[] => runs[of].flatMap(({ groups }) => groups.map(figure));
  return judge({
    name,
    durability: "none",
    unit,
    ours: values(who),
    baseline: { name: against, values: values(against) },
    goal,
    faults: faultsOf(runs[who]),
    disturbance: runs[disturbance],
    ...(note === undefined ? {} : { note }),
  });
}

function ratio(run: FleetRun, baseline: FleetRun | undefined): number {
  return (run.groups[0]?.opsPerSecond ?? NaN) / (baseline?.groups[0]?.opsPerSecond ?? NaN);
}

export const fleet: Group = { name: "8 and 16 processes", measure };
