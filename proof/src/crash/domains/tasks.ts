import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTasks, type FlowForgeTasks } from "@flockwork/tasks";
import { openJit, type JitRepository } from "@flockwork/tasks/jit";
import { openTodo2, openTodo2State, type Todo2 } from "@flockwork/tasks/todo2";
import type { DomainOperation } from "./domain-operation.ts";

const ada = { holder: "agent:ada", keep: false } as const;

function flowforge(
  name: string,
  run: (tasks: FlowForgeTasks, round: number) => unknown,
  more: Partial<DomainOperation> = {},
): DomainOperation {
  return {
    name: `tasks: flowforge: ${name}`,
    prepare(directory) {
      mkdirSync(join(directory, ".flowforge"));
      const tasks = [1, 2, 3].map((id) => ({
        id,
        title: `Task ${id}`,
        status: "ready",
        unknown: { kept: id },
      }));
      writeFileSync(join(directory, ".flowforge/tasks.json"), JSON.stringify({ tasks }, undefined, 2));
    },
    run: (directory, round) => run(openTasks(directory), round),
    ...more,
  };
}

function todo2(
  name: string,
  run: (tasks: Todo2, round: number) => unknown,
  open: (directory: string) => Todo2,
): DomainOperation {
  const inPlace = async <R>(directory: string, work: (tasks: Todo2) => R | Promise<R>): Promise<R> => {
    const tasks = open(directory);
    try {
      return await work(tasks);
    } finally {
      await tasks.close();
    }
  };
  const isDatabase = open === database;
  return {
    name: `tasks: todo2 ${isDatabase ? "database" : "state file"}: ${name}`,
    prepare: (directory) =>
      inPlace(directory, async (tasks) => {
        if ("migrate" in tasks) await (tasks as ReturnType<typeof openTodo2>).migrate();
        for (const id of ["T-1", "T-2"]) await tasks.create({ id, content: `task ${id}` });
      }),
    run: (directory, round) => inPlace(directory, (tasks) => run(tasks, round)),
    durability: "os", // exarp's own
    ...(isDatabase && {
      read: (directory: string) =>
        inPlace(directory, async (tasks) => [
          (await tasks.list()).map(({ id, content, status, assignee }) => ({
            id,
            content,
            status,
            assignee,
          })),
          (await tasks.claims.list()).map(({ taskId, holder, state }) => ({ taskId, holder, state })),
        ]),
    }),
  };
}

const stateFile = (directory: string): Todo2 => openTodo2State(directory);
const database = (directory: string): Todo2 => openTodo2(directory);

function jit(
  name: string,
  run: (issues: JitRepository, round: number, id: string) => unknown,
): DomainOperation {
  return {
    name: `tasks: jit: ${name}`,
    prepare: async (directory) => {
      const issues = openJit(directory, { branch: "main" });
      for (const title of ["one", "two"]) await issues.create({ title });
    },
    run: async (directory, round) => {
      const issues = openJit(directory, { branch: "main" });
      const found = await issues.list();
      await run(issues, round, found.find(({ title }) => title === "one")?.id ?? "");
    },
    // Its event may be missing after a crash, and a new issue that is not in the index is not there: as with jit itself.
    read: async (directory) =>
      (await openJit(directory, { branch: "main" }).list()).map(({ title, state, description }) => ({
        title,
        state,
        description,
      })),
    durability: "os",
  };
}

/** Every call that changes tasks, in each of the stores. */
export const tasksOperations: readonly DomainOperation[] = [
  flowforge("create", (tasks, round) => tasks.create({ title: `Created ${round}` })),
  flowforge("update", (tasks, round) => tasks.update(1, { title: `round ${round}` })),
  flowforge("setStatus", (tasks) => tasks.setStatus(1, "in_progress")),
  flowforge("addDependency", (tasks) => tasks.addDependency(2, 1)),
  flowforge("remove", (tasks) => tasks.remove(2)),
  flowforge("batchUpdateTasks", (tasks, round) =>
    tasks.batchUpdateTasks([
      { id: 1, title: `round ${round}` },
      { id: 2, title: `round ${round}` },
    ]),
  ),
  flowforge("setMilestone", (tasks, round) => tasks.setMilestone("m1", { title: `round ${round}` })),
  flowforge("addMicrotask", (tasks, round) => tasks.addMicrotask(1, `step ${round}`)),
  flowforge("claims.claim", (tasks, round) => tasks.claims.claim(round, ada)),
  flowforge("claims.claimAll", (tasks) => tasks.claims.claimAll([1, 2], ada)),
  flowforge("claims.claimNext", (tasks) => tasks.claims.claimNext(ada)),
  flowforge("claims.forceRelease", (tasks) => tasks.claims.forceRelease(1, { by: "me", reason: "stuck" }), {
    prepare: async (directory) => {
      flowforge("", () => undefined).prepare?.(directory);
      await openTasks(directory).claims.claim(1, ada);
    },
  }),
  todo2("create", (tasks, round) => tasks.create({ content: `created ${round}` }), stateFile),
  todo2("update", (tasks, round) => tasks.update("T-1", { content: `round ${round}` }), stateFile),
  todo2("remove", (tasks) => tasks.remove("T-2"), stateFile),
  todo2("claims.claim", (tasks) => tasks.claims.claim("T-1", { holder: "ada", keep: false }), stateFile),
  todo2("handoffs.add", (tasks, round) => tasks.handoffs.add({ summary: `round ${round}` }), stateFile),
  todo2("create", (tasks, round) => tasks.create({ content: `created ${round}` }), database),
  todo2("update", (tasks, round) => tasks.update("T-1", { content: `round ${round}` }), database),
  todo2("claims.claim", (tasks) => tasks.claims.claim("T-1", { holder: "ada", keep: false }), database),
  jit("create", (issues, round) => issues.create({ title: `created ${round}` })),
  jit("update", (issues, round, id) => issues.update(id, { description: `round ${round}` })),
  jit("setState", (issues, _, id) => issues.setState(id, "in_progress")),
  jit("delete", (issues, _, id) => issues.delete(id)),
  jit("claims.claim", (issues, _, id) => issues.claims.claim(id, ada)),
];
