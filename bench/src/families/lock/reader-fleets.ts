/** 2, 4, 8 and 16 processes that read side by side under a shared lock, and 7 beside one that writes: ours beside all that can share one. */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import {
  aheadRows,
  type ContenderKind,
  type Measured,
  type MeasuredContender,
  type Metric,
} from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import { faultsOf, runFleet, type FleetRun, type MemberFactory } from "../../measure/fleet.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";
import { disturbance, interleave, type Disturbance } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { bareNote } from "./contenders.ts";
import { fleetFigure, fleetMetrics } from "./fleet-peers.ts";

/** Who can hold a lock together with others. */
interface Sharing {
  readonly name: string;
  readonly kind: ContenderKind;
  /** Both @throws {MissingHereError} this machine does not have it. */
  readonly reader: MemberFactory;
  readonly writer: MemberFactory;
}

/** @param way - What its exclusive lock is in `workers/lock-ways.ts`. */
function packaged(name: string, way: string, kind: ContenderKind, peer?: string): Sharing {
  const worker = (args: readonly string[]): LineProgram => {
    if (peer !== undefined) requirePeers(peer);
    return nodeWorker("section.ts", args);
  };
  return {
    name,
    kind,
    reader: (args) => worker([...args, `${way}, read`]),
    writer: (args) => worker([...args, way]),
  };
}

const section = (): string => pathOf(cBaseline("section"));
const ours = packaged("Flockwork", "ours", "peer");
const inC: Sharing = {
  name: "C flock",
  kind: "line",
  reader: (args) => new LineProgram(section(), [...args, "read"]),
  writer: (args) => new LineProgram(section(), args),
};
/** Those that poll have no shared locks. */
const contenders: readonly Sharing[] = [
  ours,
  packaged("os-lock (fcntl)", "os-lock", "bare", "os-lock"),
  packaged("fs-native-extensions (fcntl)", "fs-native-extensions", "bare", "fs-native-extensions"),
  packaged("fs-ext (raw flock)", "fs-ext", "bare", "fs-ext"),
  inC,
];

interface Plan {
  readonly name: string;
  readonly readers: number;
  readonly writers: number;
  readonly sectionUs: number;
}

const sizes = [2, 4, 8, 16];
/** The picture shows one size of fleets, which has rows of all metrics; the tables show all. */
const drawnSize = 8;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const sectionUs of [0, 1_000])
    for (const readers of context.quick ? sizes.slice(0, 1) : sizes) {
      const name = `${readers} readers, ${sectionUs / 1_000} ms holds`;
      const fleets = await runAll(context, { name, readers, writers: 0, sectionUs });
      const measured = measuredOf(name, fleets, [readersOnly], readers === drawnSize);
      context.show(measured);
      const more = readers === drawnSize ? ["p99 wait", "processor time an operation"] : [];
      rows.push(...aheadRows(measured, "throughput", "worst wait", ...more));
      if (sectionUs > 0 && readers === drawnSize) rows.push(besideC(measured));
    }
  return [...rows, ...(await measureBoth(context))];
}

/** Nobody pauses: where readers overlap, a lock that has no order lets no writer in. */
async function measureBoth(context: BenchContext): Promise<readonly Row[]> {
  const name = "7 readers beside a writer, 1 ms holds";
  const fleets = await runAll(context, { name, readers: 7, writers: 1, sectionUs: 1_000 });
  const measured = measuredOf(name, fleets, bothParts, true);
  context.show(measured);
  const both = (metric: string): readonly string[] => bothParts.map(({ suffix }) => `${metric}${suffix}`);
  return aheadRows(measured, ...both("throughput"), ...both("p99 wait"), ...both("worst wait"));
}

/** One that took part. */
export interface Ended {
  readonly who: Pick<Sharing, "name" | "kind">;
  readonly runs: readonly FleetRun[];
  readonly faults: readonly string[];
  /** What this machine lacks of it. */
  readonly missing?: string | undefined;
}

/** All that took part, in the same rounds. */
export interface Fleets {
  readonly all: readonly Ended[];
  readonly disturbance?: Disturbance | undefined;
}

async function runAll(context: BenchContext, { name, readers, writers, sectionUs }: Plan): Promise<Fleets> {
  const { rounds, fleetSeconds } = durations(context);
  context.say(name);
  const failures = new Failures(context.say);
  let run = 0;
  const fleet = ({ reader, writer }: Sharing): Promise<FleetRun> => {
    const path = context.file(`${name.replaceAll(/\W+/g, "-")}-${(run += 1)}`);
    const plan = { path, sectionUs, thinkUs: 0, seconds: fleetSeconds / 2 };
    return runFleet(plan, [
      Array.from({ length: readers }, () => reader),
      Array.from({ length: writers }, () => writer),
    ]);
  };
  const fleets = Object.fromEntries(contenders.map((each) => [each.name, () => fleet(each)]));
  const all = ended(await interleave(context.quick ? 1 : rounds, failures.guard(fleets), hasLost));
  return {
    all: contenders.map((who) => {
      const runs = all[who.name] ?? [];
      const faults = [...faultsOf(runs), ...failures.faultsOf(who.name)];
      return { who, runs, faults, missing: failures.missingOf(who.name) };
    }),
    disturbance: all[disturbance],
  };
}

/** Some of a fleet, and what their metrics are called. */
export interface Part {
  readonly group: number;
  readonly suffix: string;
}

export const readersOnly: Part = { group: 0, suffix: "" };
export const bothParts: readonly Part[] = [
  { group: 0, suffix: " of the readers" },
  { group: 1, suffix: " of the writer" },
];

const metricsOf = ({ suffix }: Part, isDrawn: boolean): readonly Metric[] =>
  fleetMetrics.map((metric) => ({
    ...metric,
    name: `${metric.name}${suffix}`,
    drawn: metric.drawn && isDrawn,
  }));

function contenderOf({ who, runs, faults, missing }: Ended, parts: readonly Part[]): MeasuredContender {
  const figures = parts.flatMap(({ group, suffix }) =>
    fleetMetrics.map(({ name }) => [
      `${name}${suffix}`,
      runs.map(({ groups }) => {
        const some = groups[group];
        return some === undefined ? Number.NaN : fleetFigure[name](some);
      }),
    ]),
  );
  const { name, kind } = who;
  const note = kind === "bare" ? { note: bareNote } : {};
  return { name, kind, ...note, faults, missing, figures: Object.fromEntries(figures) };
}

/** Side by side, all of a fleet or its readers apart from its writer. */
export function measuredOf(
  name: string,
  { all, disturbance: others }: Fleets,
  parts: readonly Part[],
  isDrawn: boolean,
): Measured {
  return {
    name,
    durability: "none",
    metrics: parts.flatMap((part) => metricsOf(part, isDrawn)),
    contenders: all.map((each) => contenderOf(each, parts)),
    disturbance: others,
  };
}

/** As much of C as writers have to reach who take turns: readers wait for nobody. */
export function besideC({ name, durability, contenders: all, disturbance: others }: Measured): Row {
  const [own, c] = [ours, inC].map((who) => all.find((each) => each.name === who.name));
  return judge({
    name: `${name}: throughput, beside C`,
    durability,
    unit: "ops/s",
    ours: own?.figures["throughput"] ?? [],
    baseline: { name: inC.name, values: c?.figures["throughput"] ?? [] },
    goal: { compared: "ours / baseline", atLeast: 0.88 },
    faults: own?.faults ?? [],
    missing: own?.missing,
    baselineFaults: c?.faults ?? [],
    baselineMissing: c?.missing,
    disturbance: others,
  });
}

export const readerFleets: Group = { name: "peers: readers", measure };
