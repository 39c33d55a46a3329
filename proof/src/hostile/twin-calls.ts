/** Every kind of id that becomes the name of a file, of a directory, or of a member of one: written with a mark, and read again. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBeads, type Beads } from "@flockwork/beads";
import { agentRegistry, configFile, machineRegistry } from "@flockwork/registry";
import { openTasks, type FlowForgeTasks } from "@flockwork/tasks";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2, openTodo2State, type Todo2 } from "@flockwork/tasks/todo2";
import { openMailQueues, openNudgeQueue, openQueue, type Queue } from "../../../packages/queue/src/index.ts";
import {
  openSessions,
  openTimeTracking,
  type TimeTracking,
} from "../../../packages/time-tracking/src/index.ts";
import { fileStore, type Store } from "../harness/core.ts";
import { issueOf, mail } from "./id-calls.ts";

/** A kind of id: what is written under it can be told by its mark. */
export interface TwinCall {
  readonly name: string;
  write(place: string, id: string, mark: string): Promise<unknown>;
  /** What is there under the id. */
  read(place: string, id: string): Promise<unknown>;
  /** All ids that there are, as they are told. */
  ids?(place: string): Promise<readonly string[]>;
}

/** Of something that is opened for each call, and closed after it. */
function of<T>(
  name: string,
  using: (place: string, work: (opened: T) => Promise<unknown>) => Promise<unknown>,
  calls: {
    readonly write: (opened: T, id: string, mark: string) => Promise<unknown>;
    readonly read: (opened: T, id: string) => Promise<unknown>;
    readonly ids?: (opened: T) => Promise<readonly string[]>;
  },
): TwinCall {
  const { ids } = calls;
  return {
    name,
    write: (place, id, mark) => using(place, (opened) => calls.write(opened, id, mark)),
    read: (place, id) => using(place, (opened) => calls.read(opened, id)),
    ...(ids === undefined
      ? {}
      : { ids: async (place) => (await using(place, (opened) => ids(opened))) as readonly string[] }),
  };
}

async function store(place: string, work: (store: Store) => Promise<unknown>): Promise<unknown> {
  const opened = fileStore(place);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const queue = (place: string, work: (queue: Queue) => Promise<unknown>): Promise<unknown> =>
  store(place, async (opened) => {
    const jobs = openQueue(opened);
    try {
      return await work(jobs);
    } finally {
      await jobs.close();
    }
  });

async function beads(place: string, work: (beads: Beads) => Promise<unknown>): Promise<unknown> {
  mkdirSync(join(place, ".beads"), { recursive: true });
  const opened = openBeads(join(place, ".beads"));
  try {
    return await work(opened);
  } finally {
    await opened.dispose();
  }
}

const todo2 =
  (open: (place: string) => Todo2) =>
  async (place: string, work: (tasks: Todo2) => Promise<unknown>): Promise<unknown> => {
    const tasks = open(place);
    try {
      if ("migrate" in tasks) await (tasks as ReturnType<typeof openTodo2>).migrate();
      return await work(tasks);
    } finally {
      await tasks.close();
    }
  };

const time = (place: string, work: (time: TimeTracking) => Promise<unknown>): Promise<unknown> => {
  mkdirSync(join(place, ".flowforge"), { recursive: true });
  return work(openTimeTracking(place, { timeZone: "UTC" }));
};

/** An issue whose id another program chose. */
async function putJitIssue(place: string, id: string, mark: string): Promise<void> {
  const jit = openJit(place, { branch: "main" });
  const { issue } = await jit.create({ title: "t" });
  writeFileSync(join(place, ".jit", "issues", `${id}.json`), JSON.stringify({ ...issue, id }));
  const path = join(place, ".jit", "index.json");
  const index = JSON.parse(readFileSync(path, "utf8")) as { all_ids: string[] };
  writeFileSync(path, JSON.stringify({ ...index, all_ids: [...index.all_ids, id] }));
  await jit.update(id, { description: mark });
}

export const twinCalls: readonly TwinCall[] = [
  of("store.document", store, {
    write: (opened, id, mark) => opened.document({ name: `all/${id}`, merge: "overwrite" }).write({ mark }),
    read: (opened, id) => opened.document({ name: `all/${id}` }).read(),
    ids: async (opened) => (await opened.list("all")).map((name) => name.slice("all/".length)),
  }),
  of("store.log", store, {
    write: (opened, id, mark) => opened.log({ name: id }).append({ mark }),
    read: (opened, id) => opened.log({ name: id }).read(),
  }),
  of("registry: agents", store, {
    write: (opened, id, mark) => agentRegistry(opened).register({ id, status: mark }),
    read: (opened, id) => agentRegistry(opened).get(id),
    ids: async (opened) => (await agentRegistry(opened).list()).map(({ id }) => id),
  }),
  of("registry: machines", store, {
    write: (opened, name, mark) => machineRegistry(opened).add({ name, type: "ssh", host: mark }),
    read: (opened, name) => machineRegistry(opened).get(name),
    ids: async (opened) => (await machineRegistry(opened).list()).map(({ name }) => name),
  }),
  of("registry: configuration", store, {
    write: (opened, id, mark) => configFile(opened).set([id], mark),
    read: (opened, id) => configFile(opened).get([id]),
  }),
  of("queue: jobs", queue, {
    write: (jobs, id, mark) => jobs.enqueue({ mark }, { id }),
    read: (jobs, id) => jobs.get(id),
    ids: async (jobs) => (await jobs.list("waiting")).map(({ id }) => id),
  }),
  of("nudges of a session", store, {
    write: (opened, id, mark) => openNudgeQueue(opened, id).send({ sender: "ada", message: mark }),
    read: (opened, id) => openNudgeQueue(opened, id).claim(),
  }),
  of("mail of a directory", store, {
    write: (opened, id, mark) =>
      openMailQueues(opened, { directory: id }).enqueue("inbound", { ...mail, body: mark }),
    read: (opened, id) => openMailQueues(opened, { directory: id }).list("inbound"),
  }),
  of("beads", beads, {
    write: (issues, id, mark) => issues.append({ ...issueOf(`bd-${id}`), title: mark }),
    read: (issues, id) => issues.get(`bd-${id}`),
    ids: async (issues) => (await issues.list()).map(({ id }) => id.slice("bd-".length)),
  }),
  of("tasks", (place, work: (tasks: FlowForgeTasks) => Promise<unknown>) => work(openTasks(place)), {
    write: (tasks, id, mark) => tasks.create({ id, title: mark }),
    read: (tasks, id) => tasks.get(id),
    ids: async (tasks) => (await tasks.list()).map(({ id }) => String(id)),
  }),
  ...[openTodo2, openTodo2State].map((open) =>
    of(open === openTodo2 ? "todo2 database" : "todo2 state file", todo2(open), {
      write: (tasks, id, mark) => tasks.create({ id, content: mark }),
      read: (tasks, id) => tasks.get(id),
      ids: async (tasks) => (await tasks.list()).map(({ id }) => id),
    }),
  ),
  {
    name: "jit: issues",
    write: putJitIssue,
    read: (place, id) => openJit(place, { branch: "main" }).get(id),
    ids: async (place) => (await openJit(place, { branch: "main" }).list()).map(({ id }) => id),
  },
  {
    name: "jit: gates",
    write: (place, id, mark) => openJit(place, { branch: "main" }).gates.define(id, { title: mark }),
    read: async (place, id) =>
      (await openJit(place, { branch: "main" }).gates.list()).find(({ key }) => key === id),
  },
  {
    name: "jit: heartbeats",
    write: (place, id, mark) => openJit(place, { branch: mark }).heartbeats.beat(`agent:${id}`),
    read: async (place, id) =>
      (await openJit(place, { branch: "main" }).heartbeats.list()).find(
        ({ agent_id: agent }) => agent === `agent:${id}`,
      ),
  },
  of("time: timers of an actor", time, {
    write: (book, actorId, mark) => book.start({ taskId: mark, actorId }),
    read: async (book, id) => (await book.status()).running.filter(({ actorId }) => actorId === id),
  }),
  of("time: entries of a task", time, {
    write: (book, taskId, mark) =>
      book.add({
        taskId,
        actorId: mark,
        startedAt: "2026-03-02T09:00:00Z",
        endedAt: "2026-03-02T10:00:00Z",
      }),
    read: async (book, id) => (await book.entries()).filter(({ taskId }) => taskId === id),
  }),
  of("time: sessions of a developer", time, {
    write: (book, developerId, mark) =>
      openSessions(book).open({ taskId: mark, developerId, instanceId: mark, timer: false }),
    read: (book) => openSessions(book).list(),
  }),
];
