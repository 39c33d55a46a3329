/** Four of ours beside four programs that block in the kernel: who polls gets next to nothing there. */
import { gofrsBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import { figure } from "../../measure/figure.ts";
import { faultsOf, runFleet, type FleetRun, type MemberFactory } from "../../measure/fleet.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Measurement, type Row } from "../../measure/row.ts";
import { largest } from "../../measure/statistics.ts";

const withoutAddon = { FLOCKWORK_FLOCK_BINDING: "koffi" };

const peers = "Go gofrs/flock";
/** Each with the rows that it makes. */
const ways = {
  eager: { what: "no think", thinkUs: 0, hasAddon: true, share: 35, worstMs: 120 },
  thinking: { what: "1 ms think", thinkUs: 1000, hasAddon: true, share: 45, worstMs: 120 },
  eagerBare: { what: "no think, no addon (koffi)", thinkUs: 0, hasAddon: false, share: 15, worstMs: 150 },
  thinkingBare: {
    what: "1 ms think, no addon (koffi)",
    thinkUs: 1000,
    hasAddon: false,
    share: 15,
    worstMs: 150,
  },
} as const;
type Way = keyof typeof ways;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds: seconds } = durations(context);
  const failures = new Failures(context.say);
  let run = 0;
  const mixed = (way: Way) => async (): Promise<FleetRun> => {
    const { thinkUs, hasAddon } = ways[way];
    const go = pathOf(gofrsBaseline());
    if (!hasAddon) requirePeers("koffi");
    const options = hasAddon ? {} : { env: withoutAddon };
    const ours: MemberFactory = (args) => nodeWorker("section.ts", [...args, "ours"], options);
    const theirs: MemberFactory = (args) => new LineProgram(go, args);
    const plan = { path: context.file(`mixed-${(run += 1)}`), sectionUs: 1000, thinkUs, seconds };
    return await runFleet(
      plan,
      [ours, theirs].map((member) => Array.from({ length: 4 }, () => member)),
    );
  };
  context.say(`4 of ours beside 4 ${peers}`);
  const runs = ended(
    await interleave(
      rounds,
      failures.guard({
        eager: mixed("eager"),
        thinking: mixed("thinking"),
        eagerBare: mixed("eagerBare"),
        thinkingBare: mixed("thinkingBare"),
      }),
      hasLost,
    ),
  );
  return mixedRows(runs, failures);
}

/** Whoever broke in such a fleet, it is no longer the one that the row is about: a fault of the row. */
export function mixedRows(
  runs: Readonly<Record<Way, readonly FleetRun[]>>,
  failures: Failures,
): readonly Row[] {
  return (Object.keys(ways) as Way[]).flatMap((way) => {
    const { what, share: atLeast, worstMs } = ways[way];
    const spoiled = {
      faults: [...faultsOf(runs[way]), ...failures.faultsOf(way)],
      missing: failures.missingOf(way),
    };
    return [share(what, runs[way], atLeast, spoiled), wait(what, runs[way], worstMs, spoiled)];
  });
}

type Spoiled = Pick<Measurement, "faults" | "missing">;

function operations(runs: readonly FleetRun[], group: 0 | 1): number[] {
  return runs.map(({ groups }) => groups[group]?.operations ?? 0);
}

function share(what: string, runs: readonly FleetRun[], atLeast: number, spoiled: Spoiled): Row {
  const [ours, theirs] = [operations(runs, 0), operations(runs, 1)];
  const shareOf = (group: readonly number[]): number[] =>
    group.map((count, round) => (100 * count) / ((ours[round] ?? 0) + (theirs[round] ?? 0)));
  return judge({
    name: `4 beside 4 that block, ${what}: share`,
    durability: "none",
    unit: "%",
    ours: shareOf(ours),
    baseline: { name: peers, values: shareOf(theirs) },
    goal: { compared: "ours", atLeast },
    ...spoiled,
  });
}

function wait(what: string, runs: readonly FleetRun[], atMost: number, spoiled: Spoiled): Row {
  const worst = (group: 0 | 1): number[] => runs.map(({ groups }) => groups[group]?.worstMs ?? Number.NaN);
  const [ours, theirs] = [worst(0), worst(1)];
  return judge({
    name: `4 beside 4 that block, ${what}: worst wait`,
    durability: "none",
    unit: "ms",
    ours,
    baseline: { name: peers, values: theirs },
    goal: { compared: "ours", atMost },
    ...spoiled,
    note: `worst of all rounds ${figure(largest(ours))} ms, of ${peers} ${figure(largest(theirs))}`,
  });
}

export const mixedFleet: Group = { name: "beside others", measure };
