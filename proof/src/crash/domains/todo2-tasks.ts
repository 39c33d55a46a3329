import { mkdirSync, writeFileSync } from "node:fs";
import type { ClaimProof } from "@flockwork/tasks";
import { openTodo2, openTodo2State, type Todo2 } from "@flockwork/tasks/todo2";
import type { Clock } from "@flockwork/core";
import type { DomainOperation } from "./domain-operation.ts";
import { hourAhead } from "./later.ts";

const ada = { holder: "ada", keep: false } as const;
const eviction = { by: "me", reason: "stuck" } as const;

type Work = (tasks: Todo2, round: number) => unknown;

interface Place {
  readonly called: string;
  open(directory: string, clock?: Clock): Todo2;
}

const stateFile: Place = {
  called: "state file",
  open: (directory, clock) => openTodo2State(directory, { clock }),
};
const database: Place = {
  called: "database",
  open: (directory, clock) => openTodo2(directory, { clock }),
};

async function inPlace<R>(
  directory: string,
  place: Place,
  work: (tasks: Todo2) => R | Promise<R>,
  clock?: Clock,
): Promise<R> {
  const tasks = place.open(directory, clock);
  try {
    return await work(tasks);
  } finally {
    await tasks.close();
  }
}

/**
 * @param before - What was done to the two tasks before.
 * @param clock - Of the call.
 */
function operation(name: string, run: Work, place: Place, before?: Work, clock?: Clock): DomainOperation {
  return {
    name: `tasks: todo2 ${place.called}: ${name}`,
    prepare: (directory) =>
      inPlace(directory, place, async (tasks) => {
        if ("migrate" in tasks) await (tasks as ReturnType<typeof openTodo2>).migrate();
        for (const id of ["T-1", "T-2"]) await tasks.create({ id, content: `task ${id}` });
        await before?.(tasks, 0);
      }),
    run: (directory, round) => inPlace(directory, place, (tasks) => run(tasks, round), clock),
    durability: "os", // exarp's own
    ...(place === database && {
      read: (directory: string) => inPlace(directory, place, rowsOf),
    }),
  };
}

/** What the database holds: its bytes are SQLite's. */
async function rowsOf(tasks: Todo2): Promise<unknown> {
  const all = await tasks.list();
  return [
    all.map(({ id, content, status, assignee }) => ({ id, content, status, assignee })),
    (await tasks.claims.list()).map(({ taskId, holder, state }) => ({ taskId, holder, state })),
    (await tasks.comments("T-1")).map(({ content }) => content),
    (await tasks.handoffs.list()).map(({ summary, status }) => [summary, status]),
  ];
}

const claimed: Work = (tasks) => tasks.claims.claim("T-1", ada);
const handedOff: Work = (tasks) => tasks.handoffs.add({ summary: "left" });

const idOf = async (tasks: Todo2): Promise<string[]> => (await tasks.handoffs.list()).map(({ id }) => id);

/** With the proof of whoever has the first task, where anybody has. */
function proven(act: (tasks: Todo2, proof: ClaimProof) => unknown): Work {
  return async (tasks) => {
    const record = await tasks.claims.inspect("T-1");
    if (record !== undefined) await act(tasks, record);
  };
}

/** Every call that changes exarp's tasks, in one of its places. */
const everywhere = (place: Place): readonly DomainOperation[] => [
  operation("create", (tasks, round) => tasks.create({ content: `created ${round}` }), place),
  operation("update", (tasks, round) => tasks.update("T-1", { content: `round ${round}` }), place),
  operation("remove", (tasks) => tasks.remove("T-2"), place),
  operation("comment", (tasks, round) => tasks.comment("T-1", "note", `round ${round}`), place),
  operation("claims.claim", claimed, place),
  operation("claims.claimAll", (tasks) => tasks.claims.claimAll(["T-1", "T-2"], ada), place),
  operation(
    "claims.renew",
    proven((tasks, proof) => tasks.claims.renew("T-1", proof)),
    place,
    claimed,
  ),
  operation(
    "claims.release",
    proven((tasks, proof) => tasks.claims.release("T-1", proof)),
    place,
    claimed,
  ),
  operation("claims.sweep", (tasks) => tasks.claims.sweep(), place, claimed, hourAhead),
  operation("claims.forceRelease", (tasks) => tasks.claims.forceRelease("T-1", eviction), place, claimed),
  operation("claims.releaseHolder", (tasks) => tasks.claims.releaseHolder("ada", eviction), place, claimed),
  operation("claims.endWhere", (tasks) => tasks.claims.endWhere(() => eviction), place, claimed),
  {
    ...operation("claimTaskForAgent", (tasks) => tasks.claimTaskForAgent("T-1", "ada"), place),
    inSteps: true, // it reads the task that it has claimed, and gives it back where it cannot
  },
  operation("batchClaimTasks", (tasks) => tasks.batchClaimTasks(["T-1", "T-2"], "ada"), place),
  operation(
    "renewLease",
    (tasks) => tasks.renewLease("T-1", "ada"),
    place,
    (tasks) => tasks.claimTaskForAgent("T-1", "ada"),
  ),
  operation(
    "releaseTask",
    (tasks) => tasks.releaseTask("T-1", "ada"),
    place,
    (tasks) => tasks.claimTaskForAgent("T-1", "ada"),
  ),
  operation("cleanupExpiredLocks", (tasks) => tasks.cleanupExpiredLocks(), place, claimed, hourAhead),
  operation("cleanupDeadAgentLocks", (tasks) => tasks.cleanupDeadAgentLocks(0), place, claimed, hourAhead),
  operation("handoffs.add", (tasks, round) => tasks.handoffs.add({ summary: `round ${round}` }), place),
  operation(
    "handoffs.setStatus",
    async (tasks) => tasks.handoffs.setStatus(await idOf(tasks), "closed"),
    place,
    handedOff,
  ),
  operation("handoffs.remove", async (tasks) => tasks.handoffs.remove(await idOf(tasks)), place, handedOff),
];

export const todo2Operations: readonly DomainOperation[] = [
  ...everywhere(stateFile),
  ...everywhere(database),
  {
    ...operation("migrate", () => undefined, database),
    prepare: (directory) => {
      mkdirSync(`${directory}/.todo2`);
      writeFileSync(`${directory}/.todo2/todo2.db`, "");
    },
    run: (directory) =>
      inPlace(directory, database, (tasks) => (tasks as ReturnType<typeof openTodo2>).migrate()),
  },
];
