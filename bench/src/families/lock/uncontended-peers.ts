/** One caller and a free lock: ours in all its forms, beside the packages, and the languages as the line. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, aheadRowsOf, type Measured } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import type { LineProgram } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import { languages, ours, oursReading, oursSync, packages } from "./contenders.ts";

/** How long one slice of a contender is to take. */
const sliceMs = 60;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const contenders = [ours, oursSync, oursReading, ...packages, ...languages];
  const failures = new Failures(context.say);
  const slices: Record<string, () => Promise<Cost>> = {};
  const programs: LineProgram[] = [];
  for (const [at, { name, uncontended }] of contenders.entries())
    await failures.of(name, async () => {
      const program = await uncontended(context.file(`free-${at}`)).ready();
      programs.push(program);
      const { wallUs } = await program.ask<Cost>("20");
      const count = Math.max(10, Math.round((sliceMs * 1_000) / shrink / wallUs));
      slices[name] = () => program.ask<Cost>(String(count));
    });
  await warmUp(2, failures.guard(slices)); // compiled by now
  const costs = ended(await interleave(rounds * 3, failures.guard(slices)));
  await Promise.all(programs.map((program) => program.end()));
  const measured: Measured = {
    name: "uncontended, lock and unlock",
    durability: "none",
    metrics: [
      { name: "processor time", unit: "us", better: "less", drawn: true },
      { name: "latency", unit: "us", better: "less", drawn: true },
    ],
    contenders: contenders.map(({ name, kind, note }) => ({
      name,
      kind,
      note,
      faults: failures.faultsOf(name),
      missing: failures.missingOf(name),
      figures: {
        "processor time": (costs[name] ?? []).map(({ cpuUs }) => cpuUs),
        latency: (costs[name] ?? []).map(({ wallUs }) => wallUs),
      },
    })),
  };
  context.show(measured);
  return [
    ...aheadRows(measured, "latency"),
    ...[oursSync, oursReading].flatMap(({ name }) => aheadRowsOf(name, measured, "latency")),
  ];
}

export const uncontendedPeers: Group = { name: "peers: alone", measure };
