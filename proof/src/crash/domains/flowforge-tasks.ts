import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTasks, type ClaimProof, type FlowForgeTasks } from "@flockwork/tasks";
import type { DomainOperation } from "./domain-operation.ts";

const ada = { holder: "agent:ada", keep: false } as const;
const eviction = { by: "me", reason: "stuck" } as const;

type Work = (tasks: FlowForgeTasks, round: number) => unknown;

function prepare(directory: string): void {
  mkdirSync(join(directory, ".flowforge"));
  const tasks = [1, 2, 3].map((id) => ({ id, title: `Task ${id}`, status: "ready", unknown: { kept: id } }));
  writeFileSync(join(directory, ".flowforge/tasks.json"), JSON.stringify({ tasks }, undefined, 2));
}

/** @param before - What was done to the three tasks before. */
function operation(name: string, run: Work, before?: Work): DomainOperation {
  return {
    name: `tasks: flowforge: ${name}`,
    async prepare(directory) {
      prepare(directory);
      await before?.(openTasks(directory), 0);
    },
    run: (directory, round) => run(openTasks(directory), round),
  };
}

/** With the proof of whoever has the first task, where anybody has. */
function proven(act: (tasks: FlowForgeTasks, proof: ClaimProof) => unknown): Work {
  return async (tasks) => {
    const record = await tasks.claims.inspect(1);
    if (record !== undefined) await act(tasks, record);
  };
}

const claimed: Work = (tasks) => tasks.claims.claim(1, ada);
/** Over by the time that anybody looks. */
const expired: Work = (tasks) => tasks.claims.claim(1, { ...ada, leaseMs: 1 });

/** Every call that changes FlowForge's tasks. */
export const flowforgeOperations: readonly DomainOperation[] = [
  operation("create", (tasks, round) => tasks.create({ title: `Created ${round}` })),
  operation("update", (tasks, round) => tasks.update(1, { title: `round ${round}` })),
  operation("setStatus", (tasks) => tasks.setStatus(1, "in_progress")),
  operation("addDependency", (tasks) => tasks.addDependency(2, 1)),
  operation(
    "removeDependency",
    (tasks) => tasks.removeDependency(2, 1),
    (tasks) => tasks.addDependency(2, 1),
  ),
  operation("remove", (tasks) => tasks.remove(2)),
  operation("updateTaskFile", (tasks, round) => tasks.updateTaskFile({ id: 1, title: `round ${round}` })),
  operation("batchUpdateTasks", (tasks, round) =>
    tasks.batchUpdateTasks([
      { id: 1, title: `round ${round}` },
      { id: 2, title: `round ${round}` },
    ]),
  ),
  operation("setMilestone", (tasks, round) => tasks.setMilestone("m1", { title: `round ${round}` })),
  operation(
    "removeMilestone",
    (tasks) => tasks.removeMilestone("m1"),
    (tasks) => tasks.setMilestone("m1", { title: "one" }),
  ),
  operation("addMicrotask", (tasks, round) => tasks.addMicrotask(1, `step ${round}`)),
  operation(
    "setMicrotask",
    (tasks, round) => tasks.setMicrotask(1, 1, round === 1),
    (tasks) => tasks.addMicrotask(1, "step"),
  ),
  operation("claims.claim", (tasks, round) => tasks.claims.claim(round, ada)),
  operation("claims.claimAll", (tasks) => tasks.claims.claimAll([1, 2], ada)),
  operation("claims.claimNext", (tasks) => tasks.claims.claimNext(ada)),
  operation(
    "claims.renew",
    proven((tasks, proof) => tasks.claims.renew(1, proof)),
    claimed,
  ),
  operation(
    "claims.release",
    proven((tasks, proof) => tasks.claims.release(1, proof)),
    claimed,
  ),
  operation("claims.forceRelease", (tasks) => tasks.claims.forceRelease(1, eviction), claimed),
  operation("claims.releaseHolder", (tasks) => tasks.claims.releaseHolder(ada.holder, eviction), claimed),
  operation("claims.endWhere", (tasks) => tasks.claims.endWhere(() => eviction), claimed),
  operation("claims.sweep", (tasks) => tasks.claims.sweep(), expired),
];
