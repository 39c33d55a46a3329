/** 2, 4, 8 and 16 processes that hold one lock for 0 and for 1 ms at a time, nothing between: ours beside all others. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured, type MeasuredContender } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import { faultsOf, runFleet, type FleetFigures, type FleetRun } from "../../measure/fleet.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { largest } from "../../measure/statistics.ts";
import { languages, ours, oursSync, packages, type LockContender } from "./contenders.ts";

const sizes = [2, 4, 8, 16];
const holdsUs = [0, 1_000];
/** The picture shows one size of fleets, which has rows of all metrics; the tables show all. */
const drawnSize = 8;
const polling = "proper-lockfile, 1 ms";

export const fleetMetrics = [
  { name: "throughput", unit: "ops/s", better: "more", drawn: true },
  { name: "p50 wait", unit: "ms", better: "less", drawn: false },
  { name: "p99 wait", unit: "ms", better: "less", drawn: true },
  { name: "worst wait", unit: "ms", better: "less", drawn: false },
  { name: "Jain", unit: "index", better: "more", drawn: false },
  { name: "processor time an operation", unit: "us", better: "less", drawn: false },
] as const;

const metrics = [
  ...fleetMetrics,
  { name: "worst of all rounds", unit: "ms", better: "less", drawn: false },
] as const;

type FleetMetric = (typeof fleetMetrics)[number]["name"];

/** Of a round. */
export const fleetFigure: Readonly<Record<FleetMetric, (figures: FleetFigures) => number>> = {
  throughput: ({ opsPerSecond }) => opsPerSecond,
  "p50 wait": ({ p50Ms }) => p50Ms,
  "p99 wait": ({ p99Ms }) => p99Ms,
  "worst wait": ({ worstMs }) => worstMs,
  Jain: ({ jain }) => jain,
  "processor time an operation": ({ cpuUs }) => cpuUs,
};

const contenders = [ours, oursSync, ...packages, ...languages];

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const sectionUs of holdsUs)
    for (const size of context.quick ? sizes.slice(0, 1) : sizes)
      rows.push(...(await measureSize(context, size, sectionUs)));
  return rows;
}

async function measureSize(context: BenchContext, size: number, sectionUs: number): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const name = `${size} processes, ${sectionUs / 1_000} ms holds`;
  context.say(name);
  const failures = new Failures(context.say);
  let run = 0;
  const fleet = ({ member }: LockContender): Promise<FleetRun> => {
    const path = context.file(`peers-${size}-${sectionUs}-${(run += 1)}`);
    const plan = { path, sectionUs, thinkUs: 0, seconds: fleetSeconds / 2 };
    return runFleet(plan, [Array.from({ length: size }, () => member)]);
  };
  const fleets = Object.fromEntries(contenders.map((each) => [each.name, () => fleet(each)]));
  const runs = ended(await interleave(context.quick ? 1 : rounds, failures.guard(fleets), hasLost));
  const measured: Measured = {
    name,
    durability: "none",
    metrics: metrics.map((metric) => ({ ...metric, drawn: metric.drawn && size === drawnSize })),
    contenders: contenders.map((each) => contenderOf(each, runs[each.name] ?? [], failures)),
    disturbance: runs[disturbance],
  };
  context.show(measured);
  return rowsOf(measured, size, sectionUs);
}

export function rowsOf(measured: Measured, size: number, sectionUs: number): readonly Row[] {
  const rows = aheadRows(
    measured,
    "throughput",
    "worst wait",
    ...(size === drawnSize ? ["p99 wait", "Jain", "processor time an operation"] : []),
  );
  return size === drawnSize && sectionUs === 0 ? [...rows, emptySections(measured)] : rows;
}

/** Whoever polls pays for it most where nobody holds the lock for long. */
function emptySections({ name, durability, contenders: all, disturbance: others }: Measured): Row {
  const [own, peer] = [ours.name, polling].map((who) => all.find((each) => each.name === who));
  return judge({
    name: `${name}: throughput, beside proper-lockfile`,
    durability,
    unit: "ops/s",
    ours: own?.figures["throughput"] ?? [],
    baseline: { name: polling, values: peer?.figures["throughput"] ?? [] },
    goal: { compared: "ours / baseline", atLeast: 20 },
    faults: own?.faults ?? [],
    missing: own?.missing,
    baselineFaults: peer?.faults ?? [],
    baselineMissing: peer?.missing,
    disturbance: others,
  });
}

function contenderOf(
  { name, kind, note }: LockContender,
  runs: readonly FleetRun[],
  failures: Failures,
): MeasuredContender {
  const all = runs.flatMap(({ groups }) => groups);
  const rounds = Object.entries(fleetFigure).map(([metric, figure]) => [metric, all.map(figure)] as const);
  const worst = all.length === 0 ? [] : [largest(all.map(fleetFigure["worst wait"]))];
  return {
    name,
    kind,
    note,
    figures: { ...Object.fromEntries(rounds), "worst of all rounds": worst },
    faults: [...faultsOf(runs), ...failures.faultsOf(name)],
    missing: failures.missingOf(name),
  };
}

export const fleetPeers: Group = { name: "peers: fleets", measure };
