/** A process that waits for locks keeps the threads that Node does its file calls on. */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { withPrograms } from "../../measure/programs.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";

/** Twice as many as Node has threads for file calls. */
const locks = 8;

interface Calls {
  readonly free: number;
  readonly waiting: number;
}

function fileCalls(paths: readonly string[], count: number): Promise<Calls> {
  const hold = pathOf(cBaseline("hold"));
  return withPrograms(async (keep) => {
    await Promise.all(paths.map((path) => keep(new LineProgram(hold, [`${path}.lock`])).ready()));
    const program = await keep(nodeWorker("threads.ts", ["ours", ...paths])).ready();
    const ask = async (): Promise<number> =>
      (await program.ask<{ medianUs: number }>(String(count))).medianUs;
    await ask();
    const free = await ask();
    await program.ask("wait");
    return { free, waiting: await ask() };
  });
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  let run = 0;
  const paths = (): string[] => Array.from({ length: locks }, () => context.file(`threads-${(run += 1)}`));
  const { ours } = ended(
    await interleave(rounds, failures.guard({ ours: () => fileCalls(paths(), Math.ceil(2_000 / shrink)) })),
  );
  return [
    judge({
      name: `a file call of a process that waits for ${locks} locks`,
      durability: "none",
      unit: "us",
      ours: ours.map(({ waiting }) => waiting),
      baseline: { name: "the same process before it waits", values: ours.map(({ free }) => free) },
      goal: { compared: "ours / baseline", atMost: 1.5 },
      faults: failures.faultsOf("ours"),
      missing: failures.missingOf("ours"),
      note: "Node has four threads for file calls: a wait that took one would stop them all",
    }),
  ];
}

export const threads: Group = { name: "threads", measure };
