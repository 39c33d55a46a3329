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
/** So many calls before anything is measured, or as many as take this long: until then V8 compiles them. */
const warmCalls = 40_000;
const warmMs = 3_000;
/** In one question to a program. */
const batch = 1_000;

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
      const wallUs = await warmLatency(program, shrink);
      const count = Math.max(10, Math.round((sliceMs * 1_000) / shrink / wallUs));
      slices[name] = () => program.ask<Cost>(String(count));
    });
  await warmUp(1, failures.guard(slices));
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

/** What a call takes once it is warm, in microseconds. */
async function warmLatency(program: LineProgram, shrink: number): Promise<number> {
  const size = Math.ceil(batch / shrink);
  const endAt = performance.now() + warmMs / shrink;
  let { wallUs } = await program.ask<Cost>(String(size));
  for (let calls = size; calls < warmCalls / shrink && performance.now() < endAt; calls += size)
    ({ wallUs } = await program.ask<Cost>(String(size)));
  return wallUs;
}

export const uncontendedPeers: Group = { name: "peers: alone", measure };
