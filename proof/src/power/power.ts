/** T4: the power goes at any moment, and what was acknowledged at `disk` is there after the next mount. */
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import type { Random } from "../harness/random.ts";
import { describe } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { countCalls, runCycles, type Cycle } from "./cycles.ts";
import { Disk, diskKinds, diskRefusal, Keeper, type DiskKind } from "./disk.ts";
import { judge } from "./judge.ts";
import {
  type CallCounts,
  describeScript,
  exhaustiveScripts,
  randomScript,
  relatedScripts,
  type Script,
} from "./script.ts";

export interface PowerSize {
  /** Losses of power by the seed, over all file systems. */
  readonly bySeed: number;
  /**
   * How many listed scripts run on each file system, at most. Of CrashMonkey's kind there are 310, with the log flushed and lost,
   * for each; those of operations that have a file in common are shared among them.
   */
  readonly listed: number;
  /** Groups of disks that run side by side, each with so many of a kind. A process visits each disk of its group. */
  readonly racks: number;
  readonly disksOfAKind: number;
}

export const powerSizes: Readonly<Record<"test" | "short" | "long", PowerSize>> = {
  test: { bySeed: 32, listed: 4, racks: 2, disksOfAKind: 2 },
  short: { bySeed: 88, listed: 8, racks: 2, disksOfAKind: 2 },
  long: { bySeed: 3_000, listed: Infinity, racks: 2, disksOfAKind: 3 },
};

export async function power(context: PartContext): Promise<void> {
  await losePower(context, powerSizes[context.long ? "long" : "short"]);
}

/** Cuts the power of each kind of file system so often. */
export async function losePower(context: PartContext, size: PowerSize): Promise<void> {
  const { tally, random, say } = context;
  for (const name of [
    "cycles",
    "listed",
    "by_seed",
    "acked",
    "lost",
    "torn",
    "unopened",
    "emptied_at_os",
    "in_part",
  ])
    tally.count(name, 0);
  const refusal = diskRefusal();
  if (refusal !== undefined) return tally.skip("losses of power", refusal);
  await withTemporaryDirectory(async (root) => {
    const racks: Rack[] = [];
    try {
      for (let at = 0; at < size.racks; at += 1) racks.push(await rackOf(root, size.disksOfAKind));
      for (const [kind, why] of racks[0]?.refused ?? []) tally.skip(`losses of power on ${kind}`, why);
      const disks = racks.flatMap((rack) => rack.disks);
      const [rack, disk] = [racks[0], disks[0]];
      if (rack === undefined || disk === undefined) return;
      const calls = await countCalls(rack.keeper, disk);
      const kinds = [...new Set(disks.map(({ kind }) => kind))];
      const related = random.shuffled(relatedScripts(random, calls));
      const lanes = kinds.flatMap((kind, nth) => {
        const shared = related.filter((_, index) => index % kinds.length === nth);
        const listed = random
          .shuffled([...exhaustiveScripts(false), ...exhaustiveScripts(true), ...shared])
          .slice(0, size.listed);
        const scripts = [...listed, ...randomScripts(Math.ceil(size.bySeed / kinds.length), random, calls)];
        const own = disks.filter((each) => each.kind === kind);
        return own.map((each, at) => ({
          disk: each,
          scripts: scripts.filter((_, index) => index % own.length === at),
          onCycle: (cycle: Cycle) => {
            note(context, kind, cycle);
            if (tally.counted("cycles") % 100 === 0) say(`${tally.counted("cycles")} losses of power`);
          },
        }));
      });
      await inParallel(racks.length, racks, ({ keeper, disks: own }) =>
        runCycles(
          keeper,
          lanes.filter((lane) => own.includes(lane.disk)),
        ),
      );
    } finally {
      for (const { keeper } of racks) await keeper.end();
    }
  });
}

/** Disks that are visited by the same processes. */
interface Rack {
  readonly keeper: Keeper;
  readonly disks: readonly Disk[];
  readonly refused: ReadonlyMap<string, string>;
}

/** So many disks of each kind that can be had here. */
async function rackOf(root: string, disksOfAKind: number): Promise<Rack> {
  const keeper = await Keeper.start();
  const disks: Disk[] = [];
  const refused = new Map<string, string>();
  for (const kind of diskKinds) {
    try {
      const refusal = diskRefusal([kind]);
      if (refusal !== undefined) throw new Error(refusal);
      for (let at = 0; at < disksOfAKind; at += 1) disks.push(await Disk.make(kind, root, keeper));
    } catch (error) {
      refused.set(kind.name, error instanceof Error ? error.message : describe(error));
    }
  }
  return { keeper, disks, refused };
}

function randomScripts(count: number, random: Random, calls: CallCounts): Script[] {
  return Array.from({ length: count }, () => randomScript(random, calls));
}

/** Adds a cycle to the counts, and judges it. */
function note({ tally, seed }: PartContext, kind: DiskKind, cycle: Cycle): void {
  const { script, found, unusable, failedBefore, failure } = cycle;
  const { explanations, ...counts } = judge(script.steps, cycle, found, { ...kind, flushed: script.flushed });
  tally.count("cycles");
  tally.count(script.isListed === true ? "listed" : "by_seed");
  tally.count("acked", cycle.acknowledged);
  tally.count("lost", counts.lost);
  tally.count("torn", counts.torn);
  tally.count("unopened", counts.unopened + unusable.length);
  tally.count("emptied_at_os", counts.emptied);
  tally.count("in_part", counts.parts);
  const wrong = [...explanations, ...unusable, ...(failedBefore === undefined ? [] : [failedBefore])];
  if (wrong.length === 0) return tally.pass();
  const how = `acknowledged ${cycle.acknowledged}, begun ${cycle.begun}, ended by ${failure ?? "nothing"}, seed ${seed}`;
  tally.fail(`T4: ${kind.name}: ${describeScript(script)}`, `${how}\n${wrong.join("\n")}`);
}
