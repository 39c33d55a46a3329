/** Calls of what is kept beside other tools' trackers: a jit repository, exarp's database and its state file. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Todo2 } from "@flockwork/tasks/todo2";
import type { Holdings, PowerOperation, Subject } from "./power-operation.ts";

const jitIn = async (directory: string) =>
  (await import("@flockwork/tasks/jit")).openJit(directory, { branch: "main" });

const databaseFile = join(".todo2", "todo2.db");

/** With its tables: they may be what the power took. */
async function withDatabase<R>(directory: string, work: (tasks: Todo2) => Promise<R>): Promise<R> {
  const tasks = (await import("@flockwork/tasks/todo2")).openTodo2(directory, { durability: "disk" });
  try {
    await tasks.migrate();
    return await work(tasks);
  } finally {
    await tasks.close();
  }
}

async function withStateFile<R>(directory: string, work: (tasks: Todo2) => Promise<R>): Promise<R> {
  const tasks = (await import("@flockwork/tasks/todo2")).openTodo2State(directory);
  try {
    return await work(tasks);
  } finally {
    await tasks.close();
  }
}

const tasksOf = async (tasks: Todo2): Promise<string[]> => {
  const claimed = (await tasks.claims.list()).map(({ taskId }) => taskId);
  return (await tasks.list())
    .map(({ id, content }) => (claimed.includes(id) ? `${content} claimed` : content))
    .toSorted();
};

export const trackerSubjects: Readonly<Record<string, Subject>> = {
  jit: {
    empty: [],
    observe: async (directory) => {
      const issues = await jitIn(directory);
      const claimed = (await issues.claims.list()).map(({ taskId }) => taskId);
      return (await issues.list())
        .map(({ id, title }) => (claimed.includes(id) ? `${title} claimed` : title))
        .toSorted();
    },
  },
  "todo2 database": {
    empty: [],
    observe: async (directory) =>
      existsSync(join(directory, databaseFile)) ? await withDatabase(directory, tasksOf) : [],
  },
  "todo2 state": { empty: [], observe: (directory) => withStateFile(directory, tasksOf) },
};

const listOf = (held: Holdings, name: string): string[] => held[name] as string[];

/** Another one. */
function creating(name: string, subject: string, run: PowerOperation["run"]): PowerOperation {
  return {
    name,
    subjects: [subject],
    apply: (held, round) => ({ ...held, [subject]: [...listOf(held, subject), `${round}`].toSorted() }),
    run,
  };
}

/** The first that nobody has. */
function claiming(name: string, subject: string, run: PowerOperation["run"]): PowerOperation {
  return {
    name,
    subjects: [subject],
    apply: (held) => {
      const all = listOf(held, subject);
      const at = all.findIndex((each) => !each.endsWith(" claimed"));
      return at === -1 ? held : { ...held, [subject]: all.with(at, `${all[at]} claimed`) };
    },
    run,
  };
}

async function claimFirst(tasks: Todo2): Promise<void> {
  const claimed = (await tasks.claims.list()).map(({ taskId }) => taskId);
  const free = (await tasks.list()).filter(({ id }) => !claimed.includes(id));
  const [first] = free.toSorted((one, two) => (one.content < two.content ? -1 : 1));
  if (first !== undefined) await tasks.claims.claim(first.id, { holder: "ada", keep: false });
}

export const trackerOperations: readonly PowerOperation[] = [
  creating("jit create", "jit", async (directory, round) =>
    (await jitIn(directory)).create({ title: `${round}` }),
  ),
  claiming("jit claim", "jit", async (directory) => {
    const issues = await jitIn(directory);
    const claimed = (await issues.claims.list()).map(({ taskId }) => taskId);
    const free = (await issues.list()).filter(({ id }) => !claimed.includes(id));
    const [first] = free.toSorted((one, two) => (one.title < two.title ? -1 : 1));
    if (first !== undefined) await issues.claims.claim(first.id, { holder: "agent:ada", keep: false });
  }),
  creating("todo2 create", "todo2 database", async (directory, round) => {
    await withDatabase(directory, (tasks) => tasks.create({ content: `${round}` }));
  }),
  claiming("todo2 claim", "todo2 database", (directory) => withDatabase(directory, claimFirst)),
  creating("todo2 state create", "todo2 state", (directory, round) =>
    withStateFile(directory, (tasks) => tasks.create({ content: `${round}` })),
  ),
  claiming("todo2 state claim", "todo2 state", (directory) => withStateFile(directory, claimFirst)),
];
