/**
 * One caller and a free lock. Nothing in the cycle waits, so its cost is processor time; measured as such, it is what an
 * idle core would show on the clock, and what other programs on this machine hardly change.
 */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Goal, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

const roundsFactor = 5;

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const path = context.file("uncontended");
  const c = new LineProgram(pathOf(cBaseline("uncontended")), [`${path}.c.lock`]);
  const programs = {
    async: nodeWorker("uncontended.ts", [`${path}.async`, "ours"]),
    sync: nodeWorker("uncontended.ts", [`${path}.sync`, "ours, sync"]),
    reopen: nodeWorker("uncontended.ts", [`${path}.reopen`, "reopen"]),
    properLockfile: nodeWorker("uncontended.ts", [`${path}.mkdir`, "proper-lockfile, 1 ms"]),
  };
  const all = [c, ...Object.values(programs)];
  await Promise.all(all.map((program) => program.ready()));
  const slice = (program: LineProgram, count: number) => () =>
    program.ask<Cost>(String(Math.ceil(count / shrink)));
  const contenders = {
    c: slice(c, 20_000),
    async: slice(programs.async, 20_000),
    sync: slice(programs.sync, 20_000),
    reopen: slice(programs.reopen, 20_000),
    properLockfile: slice(programs.properLockfile, 100),
  };
  await warmUp(2, contenders); // compiled by now
  const costs = await interleave(rounds * roundsFactor, contenders);
  await Promise.all(all.map((program) => program.end()));

  const cpu = (name: keyof typeof contenders): number[] => costs[name].map(({ cpuUs }) => cpuUs);
  const wall = (name: keyof typeof contenders): number[] => costs[name].map(({ wallUs }) => wallUs);
  const againstC = (name: string, kind: "async" | "sync" | "reopen", atMost: number): Row =>
    row(name, cpu(kind), "C open+flock+fstat+stat+close", cpu("c"), { compared: "ours / baseline", atMost });
  return [
    againstC("uncontended withWriteLock", "async", 1.3),
    row("uncontended withWriteLock", wall("async"), "proper-lockfile", wall("properLockfile"), {
      compared: "baseline / ours",
      atLeast: 60,
    }),
    againstC("uncontended withWriteLock, no descriptor cache", "reopen", 2),
    againstC("uncontended withWriteLockSync", "sync", 1.3),
  ];
}

function row(name: string, ours: number[], baseline: string, values: number[], goal: Goal): Row {
  return judge({
    name,
    durability: "none",
    unit: "us",
    ours,
    baseline: { name: baseline, values },
    goal,
    ...(baseline.startsWith("C ") ? { note: "processor time of the whole process" } : {}),
  });
}

export const uncontended: Group = { name: "uncontended", measure };
