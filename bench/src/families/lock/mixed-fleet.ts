/** Four of ours beside four programs that block in the kernel: who polls gets next to nothing there. */
import { cBaseline, gofrsBaseline, pathOf, type Baseline } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { hasLost } from "../../measure/failures.ts";
import { figure } from "../../measure/figure.ts";
import { faultsOf, runFleet, type FleetRun, type MemberFactory } from "../../measure/fleet.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { largest } from "../../measure/statistics.ts";

const withoutAddon = { FLOCKWORK_FLOCK_BINDING: "koffi" };

interface Peers {
  readonly name: string;
  readonly start: MemberFactory;
  readonly note: string | undefined;
}

function choosePeers(): Peers {
  const go: Baseline = gofrsBaseline();
  const start =
    (program: Baseline): MemberFactory =>
    (args) =>
      new LineProgram(pathOf(program), args);
  if ("path" in go) return { name: "Go gofrs/flock", start: start(go), note: undefined };
  return {
    name: "C flock",
    start: start(cBaseline("section")),
    note: `C peers instead of Go: ${go.missing}`,
  };
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const peers = choosePeers();
  let run = 0;
  const mixed = (thinkUs: number, env: Readonly<Record<string, string>>) => (): Promise<FleetRun> => {
    const ours: MemberFactory = (args) => nodeWorker("section.ts", [...args, "ours"], { env });
    const plan = {
      path: context.file(`mixed-${(run += 1)}`),
      sectionUs: 1000,
      thinkUs,
      seconds: fleetSeconds,
    };
    return runFleet(plan, [
      Array.from({ length: 4 }, () => ours),
      Array.from({ length: 4 }, () => peers.start),
    ]);
  };
  context.say(`4 of ours beside 4 ${peers.name}`);
  const contenders = {
    eager: mixed(0, {}),
    thinking: mixed(1000, {}),
    eagerBare: mixed(0, withoutAddon),
    thinkingBare: mixed(1000, withoutAddon),
  };
  const runs = await interleave(rounds, contenders, hasLost);
  return [
    share("no think", peers, runs.eager, 35),
    wait("no think", peers, runs.eager, 120),
    share("1 ms think", peers, runs.thinking, 45),
    wait("1 ms think", peers, runs.thinking, 120),
    share("no think, no addon (koffi)", peers, runs.eagerBare, 15),
    wait("no think, no addon (koffi)", peers, runs.eagerBare, 150),
    share("1 ms think, no addon (koffi)", peers, runs.thinkingBare, 15),
    wait("1 ms think, no addon (koffi)", peers, runs.thinkingBare, 150),
  ];
}

function operations(runs: readonly FleetRun[], group: 0 | 1): number[] {
  return runs.map(({ groups }) => groups[group]?.operations ?? 0);
}

function share(what: string, peers: Peers, runs: readonly FleetRun[], atLeast: number): Row {
  const [ours, theirs] = [operations(runs, 0), operations(runs, 1)];
  const shareOf = (group: readonly number[]): number[] =>
    group.map((count, round) => (100 * count) / ((ours[round] ?? 0) + (theirs[round] ?? 0)));
  return judge({
    name: `4 beside 4 that block, ${what}: share`,
    durability: "none",
    unit: "%",
    ours: shareOf(ours),
    baseline: { name: peers.name, values: shareOf(theirs) },
    goal: { compared: "ours", atLeast },
    faults: faultsOf(runs),
    ...(peers.note === undefined ? {} : { note: peers.note }),
  });
}

function wait(what: string, peers: Peers, runs: readonly FleetRun[], atMost: number): Row {
  const worst = (group: 0 | 1): number[] => runs.map(({ groups }) => groups[group]?.worstMs ?? Number.NaN);
  const [ours, theirs] = [worst(0), worst(1)];
  return judge({
    name: `4 beside 4 that block, ${what}: worst wait`,
    durability: "none",
    unit: "ms",
    ours,
    baseline: { name: peers.name, values: theirs },
    goal: { compared: "ours", atMost },
    faults: faultsOf(runs),
    note: `worst of all rounds ${figure(largest(ours))} ms, of ${peers.name} ${figure(largest(theirs))}`,
  });
}

export const mixedFleet: Group = { name: "beside others", measure };
