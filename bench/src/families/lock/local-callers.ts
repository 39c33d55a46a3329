/** 1,000 callers of one process on one lock. Processor time, as for a single caller: nothing here waits for anything else. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

const callers = 1000;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const start = (cohort: number) =>
    nodeWorker("local-callers.ts", [
      context.file(`callers-${cohort}`),
      String(callers),
      String(cohort),
    ]).ready();
  const [strict, cohorts] = await Promise.all([start(1), start(32)]);
  const each = String(Math.ceil(100 / shrink));
  const contenders = {
    strict: () => strict.ask<Cost>(each),
    cohorts: () => cohorts.ask<Cost>(each),
  };
  await warmUp(3, contenders);
  const costs = await interleave(rounds * 3, contenders);
  await Promise.all([strict.end(), cohorts.end()]);
  const row = (name: string, values: readonly Cost[], atLeast: number): Row =>
    judge({
      name: `${callers} callers in one process, ${name}`,
      durability: "none",
      unit: "ops/s",
      ours: values.map(({ cpuUs }) => 1e6 / cpuUs),
      goal: { compared: "ours", atLeast },
      note: "per second of processor time of the whole process",
    });
  return [row("one kernel grant each", costs.strict, 400_000), row("cohorts", costs.cohorts, 1_000_000)];
}

export const localCallers: Group = { name: "local callers", measure };
