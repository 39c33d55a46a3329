/** What waiting costs: 1,000 callers of one process who all want in, and the processor time of a process that only waits. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { Failures } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import { ours, packages, present } from "./contenders.ts";

const callers = 1_000;

interface Crowd {
  readonly operations: number;
  readonly served: number;
  readonly cpuUs: number;
}

async function measureCallers(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const subject = `${callers} callers in one process`;
  const { contenders, skipped } = present(
    subject,
    [ours, ...packages.filter(({ kind }) => kind === "peer")],
    context.say,
  );
  const failures = new Failures(ours.name);
  let run = 0;
  const seconds = fleetSeconds / 2;
  const crowd = async (way: string): Promise<Crowd> => {
    const path = context.file(`crowd-${(run += 1)}`);
    const program = await nodeWorker("crowd.ts", [path, way, String(callers)]).ready();
    try {
      return await program.ask<Crowd>(String(seconds));
    } finally {
      program.kill(); // with callers that still wait
      await program.ended();
    }
  };
  const runs = await interleave(
    Math.min(rounds, 3),
    Object.fromEntries(
      contenders.map(({ name, way = "" }) => [name, () => failures.of(name, () => crowd(way))]),
    ),
  );
  const measured: Measured = {
    name: subject,
    durability: "none",
    metrics: [
      { name: "throughput", unit: "ops/s", better: "more", drawn: true },
      { name: "callers that got in", unit: "index", better: "more", drawn: true },
      { name: "processor time an operation", unit: "us", better: "less", drawn: false },
    ],
    contenders: contenders.map(({ name }) => {
      const all = (runs[name] ?? []).filter((each) => each !== undefined);
      return {
        name,
        faults: failures.faultsOf(name),
        figures: {
          throughput: all.map(({ operations }) => operations / seconds),
          "callers that got in": all.map(({ served }) => served),
          "processor time an operation": all.map(({ cpuUs, operations }) => cpuUs / Math.max(operations, 1)),
        },
      };
    }),
  };
  context.show(measured);
  return [...aheadRows(measured, "throughput", "callers that got in"), ...skipped];
}

async function measureIdle(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const subject = "a process that waits for the lock";
  const { contenders, skipped } = present(subject, [ours, ...packages], context.say);
  const waitMs = 1_000 / Math.min(shrink, 4);
  const failures = new Failures(ours.name);
  let run = 0;
  const idle = async (way: string): Promise<number> => {
    const path = context.file(`idle-${(run += 1)}`);
    const holder = await nodeWorker("idle-waiter.ts", [path, way, "hold"]).ready();
    await holder.ask(String(waitMs + 60_000));
    const waiter = await nodeWorker("idle-waiter.ts", [path, way, "wait"]).ready();
    const { percent } = await waiter.ask<{ percent: number }>(String(waitMs));
    for (const program of [waiter, holder]) program.kill();
    await Promise.all([waiter.ended(), holder.ended()]);
    return percent;
  };
  const runs = await interleave(
    Math.min(rounds, 3),
    Object.fromEntries(
      contenders.map(({ name, way = "" }) => [name, () => failures.of(name, () => idle(way))]),
    ),
  );
  const measured: Measured = {
    name: subject,
    durability: "none",
    metrics: [{ name: "processor time", unit: "%", better: "less", drawn: true }],
    contenders: contenders.map(({ name }) => ({
      name,
      faults: failures.faultsOf(name),
      figures: { "processor time": (runs[name] ?? []).filter((each) => each !== undefined) },
    })),
  };
  context.show(measured);
  return skipped;
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  return [...(await measureCallers(context)), ...(await measureIdle(context))];
}

export const waitingPeers: Group = { name: "peers: waiting", measure };
