/** 8 and 16 processes that want one lock for a millisecond at a time, against C that blocks in flock and proper-lockfile that polls. */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import type { ContenderKind } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import {
  faultsOf,
  runFleet,
  type FleetFigures,
  type FleetRun,
  type MemberFactory,
} from "../../measure/fleet.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";
import { disturbance, interleave, type Rounds } from "../../measure/rounds.ts";
import { judge, type Goal, type Row, type Unit } from "../../measure/row.ts";
import { largest, median } from "../../measure/statistics.ts";

const ours: MemberFactory = (args) => nodeWorker("section.ts", [...args, "ours"]);
/** Without our own thread in the kernel's queue: tries, then waits for a doorbell and for flock(1). */
const withoutAddon: MemberFactory = (args) => {
  requirePeers("koffi");
  return nodeWorker("section.ts", [...args, "ours"], { env: { FLOCKWORK_FLOCK_BINDING: "koffi" } });
};
const inC: MemberFactory = (args) => new LineProgram(pathOf(cBaseline("section")), args);
const onAddon: MemberFactory = (args) => nodeWorker("section.ts", [...args, "addon"]);
/** The least a Node process can do. What it lacks against C is the price of an event loop on this machine. */
const floor = "Node on the addon's thread alone";
const properLockfile =
  (retryMs: number): MemberFactory =>
  (args) => {
    requirePeers("proper-lockfile");
    return nodeWorker("section.ts", [...args, `proper-lockfile, ${retryMs} ms`]);
  };

/** By the names that the report has for them. */
const ofEight = {
  Flockwork: ours,
  "Flockwork, no addon (koffi)": withoutAddon,
  "C flock": inC,
  [floor]: onAddon,
  "proper-lockfile, 1 ms": properLockfile(1),
  "proper-lockfile, 10 ms": properLockfile(10),
  "proper-lockfile, 100 ms": properLockfile(100),
} as const;
const ofSixteen = { Flockwork: ours, "C flock": inC } as const;

type Contender = keyof typeof ofEight;
type Runs<Name extends Contender> = Rounds<Name, FleetRun>;

type Figure = (figures: FleetFigures) => number;
const throughput: Figure = ({ opsPerSecond }) => opsPerSecond;
const p99: Figure = ({ p99Ms }) => p99Ms;
const worst: Figure = ({ worstMs }) => worstMs;
/** Of a turn of a section of 1 ms, what is not the section. Pollers of the field take 10 ms (jit) and 100 ms (FlowForge). */
const handOver: Figure = ({ opsPerSecond }) => 1_000 / opsPerSecond - 1;

async function runAll<Name extends Contender>(
  context: BenchContext,
  failures: Failures,
  members: Readonly<Record<Name, MemberFactory>>,
  { count, thinkUs }: { readonly count: number; readonly thinkUs: number },
): Promise<Runs<Name>> {
  const { rounds, fleetSeconds: seconds } = durations(context);
  context.say(`${count} processes`);
  let run = 0;
  const runOf = (member: MemberFactory) => (): Promise<FleetRun> =>
    runFleet({ path: context.file(`fleet-${count}-${(run += 1)}`), sectionUs: 1000, thinkUs, seconds }, [
      Array.from({ length: count }, () => member),
    ]);
  const entries = Object.entries<MemberFactory>(members).map(([who, member]) => [who, runOf(member)]);
  const fleets = Object.fromEntries(entries) as Record<Name, () => Promise<FleetRun>>;
  return ended(await interleave(rounds, failures.guard(fleets), hasLost));
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const failures = { eight: new Failures(context.say), sixteen: new Failures(context.say) };
  const runs = await runAll(context, failures.eight, ofEight, { count: 8, thinkUs: 1000 });
  showFleets(context, runs, failures.eight);
  const crowd = await runAll(context, failures.sixteen, ofSixteen, { count: 16, thinkUs: 0 });
  return [...eightRows(runs, failures.eight), sixteenRow(crowd, failures.sixteen)];
}

export function eightRows(runs: Runs<Contender>, failures: Failures): readonly Row[] {
  const name = "8 processes, 1 ms section, 1 ms think";
  const row = (what: string, unit: Unit, figure: Figure, against: Contender, goal: Goal, note?: string) =>
    fleetRow(runs, failures, ["Flockwork", against], { name: `${name}: ${what}`, unit, figure, goal, note });
  const rate = (against: Contender, atLeast: number, note?: string): Row =>
    row("throughput", "ops/s", throughput, against, { compared: "ours / baseline", atLeast }, note);
  const polling = "proper-lockfile, 1 ms";
  return [
    rate("C flock", 0.88, shareOfFloor(runs)),
    rate(floor, 0.95),
    row("p99 wait", "ms", p99, "C flock", { compared: "ours / baseline", atMost: 1 }),
    row("hand-over", "ms", handOver, "C flock", { compared: "ours", atMost: 1 }),
    row("fairness (Jain)", "index", ({ jain }) => jain, "C flock", { compared: "ours", atLeast: 0.99 }),
    rate(polling, 1.3),
    rate("proper-lockfile, 10 ms", 1.8),
    rate("proper-lockfile, 100 ms", 2.8),
    row("p99 wait", "ms", p99, polling, { compared: "baseline / ours", atLeast: 4 }),
    row("worst wait", "ms", worst, polling, { compared: "baseline / ours", atLeast: 6 }),
    fleetRow(runs, failures, ["Flockwork, no addon (koffi)", "C flock"], {
      name: `${name}, no addon (koffi): throughput`,
      unit: "ops/s",
      figure: throughput,
      goal: { compared: "ours / baseline", atLeast: 0.8 },
    }),
  ];
}

export function sixteenRow(runs: Runs<keyof typeof ofSixteen>, failures: Failures): Row {
  return fleetRow(runs, failures, ["Flockwork", "C flock"], {
    name: "16 processes, 1 ms section, no think: worst wait",
    unit: "ms",
    figure: worst,
    goal: { compared: "ours / baseline", atMost: 1 },
  });
}

/** All of the eight side by side, so that what a row rests on is in the report. */
function showFleets(context: BenchContext, runs: Runs<Contender>, failures: Failures): void {
  const kindOf = (who: string): ContenderKind => {
    if (who.startsWith("Flockwork")) return "ours";
    return who.startsWith("proper-lockfile") ? "peer" : "line";
  };
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
      name,
      kind: kindOf(name),
      faults: [...faultsOf(fleets), ...failures.faultsOf(name)],
      missing: failures.missingOf(name),
      figures: {
        throughput: valuesOf(fleets, throughput),
        "p50 wait": valuesOf(fleets, ({ p50Ms }) => p50Ms),
        "p99 wait": valuesOf(fleets, p99),
        "worst wait": valuesOf(fleets, worst),
        "worst of all rounds": fleets.length === 0 ? [] : [largest(valuesOf(fleets, worst))],
        "processor time an operation": valuesOf(fleets, ({ cpuUs }) => cpuUs),
      },
    })),
    disturbance: runs[disturbance],
  });
}

interface FleetRow {
  readonly name: string;
  readonly unit: Unit;
  readonly figure: Figure;
  readonly goal: Goal;
  readonly note?: string | undefined;
}

function fleetRow<Name extends Contender>(
  runs: Runs<Name>,
  failures: Failures,
  [own, baseline]: readonly [Name, Name],
  { name, unit, figure, goal, note }: FleetRow,
): Row {
  const between = failures.between(own, baseline);
  return judge({
    name,
    durability: "none",
    unit,
    ours: valuesOf(runs[own], figure),
    baseline: { name: baseline, values: valuesOf(runs[baseline], figure) },
    goal,
    ...between,
    faults: [...faultsOf(runs[own]), ...between.faults],
    baselineFaults: [...faultsOf(runs[baseline]), ...between.baselineFaults],
    disturbance: runs[disturbance],
    ...(note === undefined ? {} : { note }),
  });
}

const valuesOf = (fleets: readonly FleetRun[], figure: Figure): number[] =>
  fleets.flatMap(({ groups }) => groups.map(figure));

/** What Node can do at least, in the same rounds. Nothing, where one of the two did not run. */
function shareOfFloor(runs: Runs<Contender>): string | undefined {
  const [nodes, c] = [valuesOf(runs[floor], throughput), valuesOf(runs["C flock"], throughput)];
  const share = median(nodes.map((node, round) => node / (c[round] ?? Number.NaN)));
  return Number.isNaN(share) ? undefined : `${floor} reaches ${share.toFixed(3)} of C`;
}

export const fleet: Group = { name: "8 and 16 processes", measure };
