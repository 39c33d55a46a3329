/** What an update costs when the void lines it leaves are taken out on the way, however long the file is. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import { writeIssues } from "./generated-issues.ts";

interface Cycles {
  /** Of one update, the compactions included. */
  readonly cpuUs: number;
  readonly updates: number;
}

async function measureCompactions(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const issues = context.quick ? 1_000 : 20_000;
  const start = (name: string, count: number) => {
    const { directory } = writeIssues(context.file(name), count, context.seed);
    return nodeWorker("../families/beads/worker.ts", ["cycles", directory]).ready();
  };
  const [large, small] = await Promise.all([
    start("compactions-many", issues),
    start("compactions-few", issues / 100),
  ]);
  const contenders = { large: () => large.ask<Cycles>("1"), small: () => small.ask<Cycles>("10") };
  await warmUp(1, contenders); // from one compaction to the next, from here on
  const costs = await interleave(Math.min(rounds, 3), contenders);
  await Promise.all([large.end(), small.end()]);
  const apart = Math.round(median(costs.large.map(({ updates }) => updates)));
  return [
    judge({
      name: `update of one of ${issues} issues, with the compactions it causes`,
      durability: "os",
      unit: "us",
      ours: costs.large.map(({ cpuUs }) => cpuUs),
      baseline: { name: "of one of a hundredth of them", values: costs.small.map(({ cpuUs }) => cpuUs) },
      goal: { compared: "ours / baseline", atMost: 1.3 },
      note: `processor time; a compaction every ${apart} updates`,
    }),
  ];
}

export const compacting: Group = { name: "issue compactions", measure: measureCompactions };
