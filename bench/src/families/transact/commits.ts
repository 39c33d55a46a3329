/** One durable commit of several files, against the syncs it is made of. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

async function measureCommits(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const [ours, raw] = await Promise.all([
    nodeWorker("transact.ts", [context.file("transact-ours"), "ours"]).ready(),
    nodeWorker("transact.ts", [context.file("transact-raw"), "raw"]).ready(),
  ]);
  const commits = String(Math.ceil(40 / shrink));
  const contenders = { ours: () => ours.ask<Cost>(commits), raw: () => raw.ask<Cost>(commits) };
  await warmUp(1, contenders);
  const costs = await interleave(rounds * 3, contenders);
  await Promise.all([ours.end(), raw.end()]);
  const wall = (name: "ours" | "raw"): number[] => costs[name].map(({ wallUs }) => wallUs);
  return [
    judge({
      name: "durable commit of two documents and a log",
      durability: "disk",
      unit: "us",
      ours: wall("ours"),
      baseline: { name: "its 7 syncs, one after the other", values: wall("raw") },
      goal: { compared: "ours / baseline", atMost: 1.3 },
    }),
  ];
}

export const commits: Group = { name: "commits", measure: measureCommits };
