/** One durable commit of several files, against the syncs it is made of. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { startPrograms } from "../../measure/programs.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

async function measureCommits(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const programs = await startPrograms(failures, {
    ours: () => nodeWorker("transact.ts", [context.file("transact-ours"), "ours"]),
    raw: () => nodeWorker("transact.ts", [context.file("transact-raw"), "raw"]),
  });
  const commits = String(Math.ceil(40 / shrink));
  const contenders = {
    ours: programs.slice<Cost>("ours", commits),
    raw: programs.slice<Cost>("raw", commits),
  };
  await warmUp(10, contenders); // compiled by now
  const costs = ended(await interleave(rounds * 3, contenders));
  await programs.end();
  const wall = (name: "ours" | "raw"): number[] => costs[name].map(({ wallUs }) => wallUs);
  return [
    judge({
      name: "durable commit of two documents and a log",
      durability: "disk",
      unit: "us",
      ours: wall("ours"),
      baseline: { name: "its 7 syncs, one after the other", values: wall("raw") },
      goal: { compared: "ours / baseline", atMost: 1.3 },
      ...failures.between("ours", "raw"),
    }),
  ];
}

export const commits: Group = { name: "commits", measure: measureCommits };
