/**
 * A holder is killed: how long until whoever waits is in. Each death has a holder and a waiter of its own that have done nothing before,
 * and the same deaths are waited for in C, which shows what the kernel takes until it lets go of a dead program's lock.
 */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, type Between } from "../../measure/failures.ts";
import { queued } from "../../measure/kernel-queue.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { withPrograms } from "../../measure/programs.ts";
import { disturbance, interleave, type Disturbance, type Rounds } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { largest, percentile } from "../../measure/statistics.ts";

/** A p99 of fewer would be the worst of them. */
const deathsOfEach = 100;

type Start = (path: string) => LineProgram;
const inC: Start = (path) => new LineProgram(pathOf(cBaseline("hold")), [`${path}.lock`]);
const inNode: Start = (path) => nodeWorker("holder.ts", [path]);

/**
 * Milliseconds from the SIGKILL of the holder until our waiter is in, of the last one of so many deaths. Each waiter looks at the
 * clock that all processes share (CLOCK_MONOTONIC) when it is in.
 */
function untilOurs(path: string, start: Start, deaths = 1): Promise<number> {
  return withPrograms(async (keep) => {
    const waiter = await keep(nodeWorker("waiter.ts", [path])).ready();
    let took = Number.NaN;
    for (let death = 0; death < deaths; death += 1) {
      const held = await keep(start(path)).ready();
      const entered = waiter.ask<{ enteredAtNs: string }>("wait");
      took = await handOver(
        held,
        waiter.pid,
        entered.then(({ enteredAtNs }) => BigInt(enteredAtNs)),
      );
    }
    await waiter.end();
    return took;
  });
}

/** The same for a waiter written in C. */
function untilC(path: string, start: Start): Promise<number> {
  return withPrograms(async (keep) => {
    const held = await keep(start(path)).ready();
    const waiter = keep(inC(path));
    const granted = waiter.ready().then(async () => {
      waiter.tell("when?");
      return BigInt(await waiter.nextLine());
    });
    const took = await handOver(held, waiter.pid, granted);
    await waiter.end();
    return took;
  });
}

async function handOver(held: LineProgram, waiter: number, enteredAt: Promise<bigint>): Promise<number> {
  void enteredAt.catch(() => {}); // where it does not come to be waited for
  await queued(waiter);
  const killedAt = process.hrtime.bigint();
  held.kill();
  const took = Number((await enteredAt) - killedAt) / 1e6;
  await held.ended();
  return took;
}

export async function measureDeaths(context: BenchContext): Promise<readonly Row[]> {
  const { shrink } = durations(context);
  let run = 0;
  const path = (): string => context.file(`deaths-${(run += 1)}`);
  context.say(`${deathsOfEach} deaths of each kind`);
  const failures = new Failures(context.say);
  const times = ended(
    await interleave(
      Math.ceil(deathsOfEach / shrink),
      failures.guard({
        ours: () => untilOurs(path(), inC),
        again: () => untilOurs(path(), inC, 2),
        c: () => untilC(path(), inC),
        oursAfterNode: () => untilOurs(path(), inNode),
        cAfterNode: () => untilC(path(), inNode),
      }),
    ),
  );
  const others = times[disturbance];
  show(context, others, [
    ["Flockwork, after the death of a C program", times.ours],
    ["Flockwork, after the death of a C program, its second wait", times.again],
    ["C, after the death of a C program", times.c],
    ["Flockwork, after the death of a Node program", times.oursAfterNode],
    ["C, after the death of a Node program", times.cAfterNode],
  ]);
  return [
    ...rowsOf(
      "SIGKILL of a C holder until the waiter is in",
      { ours: times.ours, c: times.c, [disturbance]: others },
      failures.between("ours", "c"),
    ),
    ...rowsOf(
      "SIGKILL of a Node holder until the waiter is in",
      { ours: times.oursAfterNode, c: times.cAfterNode, [disturbance]: others },
      failures.between("oursAfterNode", "cAfterNode"),
    ),
  ];
}

/** The goal is one of p99s. What ours adds to C's waiter is told besides, death by death. */
function rowsOf(name: string, times: Rounds<"ours" | "c", number>, between: Between): readonly Row[] {
  const { ours, c, [disturbance]: others } = times;
  const base = { durability: "none", unit: "ms", disturbance: others, ...between } as const;
  const p99 = (each: readonly number[]): number[] => (each.length === 0 ? [] : [percentile(each, 0.99)]);
  return [
    judge({
      ...base,
      name: `${name}: p99`,
      ours: p99(ours),
      baseline: { name: "a C waiter", values: p99(c) },
      goal: { compared: "ours", atMost: 5 },
      note: `of ${ours.length} deaths; worst ${largest(ours).toFixed(1)} ms, the C waiter's ${largest(c).toFixed(1)}`,
    }),
    judge({
      ...base,
      name: `${name}: what ours adds`,
      ours,
      baseline: { name: "a C waiter", values: c },
      goal: { compared: "ours - baseline", atMost: 5 },
    }),
  ];
}

/** All of them, in the report's JSON. */
function show(
  context: BenchContext,
  others: Disturbance,
  contenders: readonly (readonly [string, readonly number[]])[],
): void {
  const figures = (times: readonly number[]) => ({
    median: times,
    p99: [percentile(times, 0.99)],
    worst: [largest(times)],
    "over 5 ms": [(100 * times.filter((each) => each > 5).length) / times.length],
  });
  context.show({
    name: "from the SIGKILL of a holder until the waiter is in",
    durability: "none",
    isOrdered: true,
    metrics: [
      { name: "median", unit: "ms", better: "less", drawn: false },
      { name: "p99", unit: "ms", better: "less", drawn: false },
      { name: "worst", unit: "ms", better: "less", drawn: false },
      { name: "over 5 ms", unit: "%", better: "less", drawn: false },
    ],
    contenders: contenders.map(([name, times]) => ({ name, figures: figures(times) })),
    disturbance: others,
  });
}
