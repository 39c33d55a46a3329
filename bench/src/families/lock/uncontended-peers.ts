/** One caller and a free lock: ours in all its forms, beside the packages, and the languages as the line. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import type { LineProgram } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import { bareNote, languages, ours, oursReading, oursSync, packages, present } from "./contenders.ts";

/** How long one slice of a contender is to take. */
const sliceMs = 60;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const subject = "uncontended, lock and unlock";
  const all = [ours, oursSync, oursReading];
  const { contenders, skipped } = present(subject, [...all, ...packages, ...languages], context.say);
  const programs = new Map<string, LineProgram>();
  for (const [at, { name, uncontended }] of contenders.entries())
    programs.set(name, await uncontended(context.file(`free-${at}`)).ready());
  const slices: Record<string, () => Promise<Cost>> = {};
  for (const [name, program] of programs) {
    const { wallUs } = await program.ask<Cost>("20");
    const count = Math.max(10, Math.round((sliceMs * 1_000) / shrink / wallUs));
    slices[name] = () => program.ask<Cost>(String(count));
  }
  await warmUp(2, slices); // compiled by now
  const costs = await interleave(rounds * 3, slices);
  await Promise.all([...programs.values()].map((program) => program.end()));
  const measured: Measured = {
    name: subject,
    durability: "none",
    bareNote,
    metrics: [
      { name: "processor time", unit: "us", better: "less", drawn: true },
      { name: "latency", unit: "us", better: "less", drawn: true },
    ],
    contenders: contenders.map(({ name, kind }) => ({
      name,
      kind,
      figures: {
        "processor time": (costs[name] ?? []).map(({ cpuUs }) => cpuUs),
        latency: (costs[name] ?? []).map(({ wallUs }) => wallUs),
      },
    })),
  };
  context.show(measured);
  return [...aheadRows(measured, "latency"), ...skipped];
}

export const uncontendedPeers: Group = { name: "peers: alone", measure };
