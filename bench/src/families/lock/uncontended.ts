/**
 * One caller and a free lock. Nothing in the cycle waits, so its cost is processor time; measured as such, it is what an
 * idle core would show on the clock, and what other programs on this machine hardly change.
 */
import { cBaseline, pathOf } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";
import { startPrograms } from "../../measure/programs.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

const roundsFactor = 5;
type Contender = "c" | "async" | "sync" | "reopen" | "properLockfile";

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const path = context.file("uncontended");
  const failures = new Failures(context.say);
  const programs = await startPrograms(failures, {
    c: () => new LineProgram(pathOf(cBaseline("uncontended")), [`${path}.c.lock`]),
    async: () => nodeWorker("uncontended.ts", [`${path}.async`, "ours"]),
    sync: () => nodeWorker("uncontended.ts", [`${path}.sync`, "ours, sync"]),
    reopen: () => nodeWorker("uncontended.ts", [`${path}.reopen`, "reopen"]),
    properLockfile: () => {
      requirePeers("proper-lockfile");
      return nodeWorker("uncontended.ts", [`${path}.mkdir`, "proper-lockfile, 1 ms"]);
    },
  });
  const slice = (who: Contender, count: number) =>
    programs.slice<Cost>(who, String(Math.ceil(count / shrink)));
  const contenders = {
    c: slice("c", 20_000),
    async: slice("async", 20_000),
    sync: slice("sync", 20_000),
    reopen: slice("reopen", 20_000),
    properLockfile: slice("properLockfile", 100),
  };
  // Compiled by now; of calls that take long as many as there is time for.
  await warmUp(2, { ...contenders, properLockfile: slice("properLockfile", 2_000) });
  const costs = ended(await interleave(rounds * roundsFactor, contenders));
  await programs.end();
  return rowsOf(costs, failures);
}

export function rowsOf(
  costs: Readonly<Record<Contender, readonly Cost[]>>,
  failures: Failures,
): readonly Row[] {
  const againstC = (name: string, who: "async" | "sync" | "reopen", atMost: number): Row =>
    judge({
      name,
      durability: "none",
      unit: "us",
      ours: costs[who].map(({ cpuUs }) => cpuUs),
      baseline: { name: "C open+flock+fstat+stat+close", values: costs.c.map(({ cpuUs }) => cpuUs) },
      goal: { compared: "ours / baseline", atMost },
      ...failures.between(who, "c"),
      note: "processor time of the whole process",
    });
  return [
    againstC("uncontended withWriteLock", "async", 1.3),
    judge({
      name: "uncontended withWriteLock",
      durability: "none",
      unit: "us",
      ours: costs.async.map(({ wallUs }) => wallUs),
      baseline: { name: "proper-lockfile", values: costs.properLockfile.map(({ wallUs }) => wallUs) },
      goal: { compared: "baseline / ours", atLeast: 60 },
      ...failures.between("async", "properLockfile"),
    }),
    againstC("uncontended withWriteLock, no descriptor cache", "reopen", 2),
    againstC("uncontended withWriteLockSync", "sync", 1.3),
  ];
}

export const uncontended: Group = { name: "uncontended", measure };
