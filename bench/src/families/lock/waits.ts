/** What waiting costs, and how it ends: by abort, by the holder's death, by the waiter's own exit. A p99 is that of a round where a round has enough waits, and else that of all of them. */
import { setTimeout as delay } from "node:timers/promises";
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, type Between } from "../../measure/failures.ts";
import { queued } from "../../measure/kernel-queue.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { withPrograms } from "../../measure/programs.ts";
import { disturbance, interleave, type Rounds } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { largest, percentile } from "../../measure/statistics.ts";
import { measureDeaths } from "./deaths.ts";

/** A C program that holds the lock of the file. */
const holder = (path: string): LineProgram => new LineProgram(pathOf(cBaseline("hold")), [`${path}.lock`]);
const waiterOf = (path: string): LineProgram => nodeWorker("waiter.ts", [path]);

interface Aborts {
  readonly latenciesMs: readonly number[];
  readonly ghost: boolean;
}

function abortLatencies(path: string, count: number): Promise<Aborts> {
  return withPrograms(async (keep) => {
    const [held, waiter] = await Promise.all([keep(holder(path)).ready(), keep(waiterOf(path)).ready()]);
    const { latenciesMs } = await waiter.ask<{ latenciesMs: number[] }>(`abort ${count}`);
    await held.ask("release");
    const next = keep(holder(path));
    const ghost = (await Promise.race([next.ready(), delay(2000, "ghost", { ref: false })])) === "ghost";
    return { latenciesMs, ghost };
  });
}

function exitTime(path: string, waiting: boolean): Promise<number> {
  return withPrograms(async (keep) => {
    await keep(holder(path)).ready();
    const waiter = await keep(waiterOf(path)).ready();
    await waiter.ask(waiting ? "queue" : "idle 1");
    if (waiting) await queued(waiter.pid);
    const since = performance.now();
    waiter.tell("exit");
    await waiter.ended();
    return performance.now() - since;
  });
}

function idlePercent(path: string, ms: number): Promise<number> {
  return withPrograms(async (keep) => {
    const [, waiter] = await Promise.all([keep(holder(path)).ready(), keep(waiterOf(path)).ready()]);
    return (await waiter.ask<{ percent: number }>(`idle ${ms}`)).percent;
  });
}

function endTime(path: string, callers: number): Promise<number> {
  return withPrograms(async (keep) => {
    const program = await keep(nodeWorker("natural-end.ts", [path, String(callers)])).ready();
    const since = performance.now();
    await program.ended();
    return performance.now() - since;
  });
}

/** A p99 of fewer would be the worst of them. */
const exits = 100;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  let run = 0;
  const path = (): string => context.file(`waits-${(run += 1)}`);
  context.say("aborts");
  const failures = new Failures(context.say);
  const aborts = ended(
    await interleave(
      rounds,
      failures.guard({ aborts: () => abortLatencies(path(), Math.ceil(300 / shrink)) }),
      (each) => each?.ghost === true,
    ),
  );
  const deaths = await measureDeaths(context);
  context.say("exits");
  const exitTimes = ended(
    await interleave(
      Math.ceil(exits / shrink),
      failures.guard({ waiting: () => exitTime(path(), true), free: () => exitTime(path(), false) }),
    ),
  );
  const times = ended(
    await interleave(
      rounds * 2,
      failures.guard({
        endQueued: () => endTime(path(), 2),
        endAlone: () => endTime(path(), 1),
        idle: () => idlePercent(path(), 1000 / Math.min(shrink, 4)),
      }),
    ),
  );
  const base = { durability: "none", unit: "ms", disturbance: times[disturbance] } as const;
  return [
    abortRow(aborts, failures.between("aborts")),
    ...deaths,
    ...exitRows(exitTimes, failures.between("waiting", "free")),
    judge({
      ...base,
      name: "end of a process whose callers queued",
      ours: times.endQueued,
      baseline: { name: "one caller", values: times.endAlone },
      goal: { compared: "ours / baseline", atMost: 1.2 },
      ...failures.between("endQueued", "endAlone"),
    }),
    judge({
      ...base,
      name: "processor time of a waiter",
      unit: "%",
      ours: times.idle,
      goal: { compared: "ours", atMost: 1 },
      ...failures.between("idle"),
    }),
  ];
}

function abortRow({ aborts, [disturbance]: others }: Rounds<"aborts", Aborts>, between: Between): Row {
  const all = aborts.flatMap(({ latenciesMs }) => latenciesMs);
  const ghosts = aborts.filter(({ ghost }) => ghost).length;
  return judge({
    name: "abort while waiting: p99",
    durability: "none",
    unit: "ms",
    ours: aborts.map(({ latenciesMs }) => percentile(latenciesMs, 0.99)),
    goal: { compared: "ours", atMost: 1 },
    ...between,
    faults: [...between.faults, ...(ghosts === 0 ? [] : [`${ghosts} abandoned waits held the lock later`])],
    note: `of ${all.length} aborts, round by round; worst of all ${largest(all).toFixed(1)} ms`,
    disturbance: others,
  });
}

const p99 = (times: readonly number[]): number[] => (times.length === 0 ? [] : [percentile(times, 0.99)]);

/** No delay: what a millisecond would not show is a tenth of what an exit takes. */
function exitRows(times: Rounds<"waiting" | "free", number>, between: Between): readonly Row[] {
  const { waiting, free, [disturbance]: others } = times;
  const row = (name: string, ours: readonly number[], values: readonly number[]): Row =>
    judge({
      name,
      durability: "none",
      unit: "ms",
      ours,
      baseline: { name: "not waiting", values },
      goal: { compared: "ours - baseline", atMost: 1 },
      ...between,
      note: `of ${waiting.length} exits; worst ${largest(waiting).toFixed(1)} ms, not waiting ${largest(free).toFixed(1)}`,
      disturbance: others,
    });
  return [
    row("process.exit while waiting", waiting, free),
    row("process.exit while waiting: p99", p99(waiting), p99(free)),
  ];
}

export const waits: Group = { name: "waits", measure };
