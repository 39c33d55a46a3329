/** One or two calls of each package. A package is loaded when it is needed: most scripts do without. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Queue } from "../queue/package.ts";
import { fileStore } from "../harness/core.ts";
import { finishCommit, type Holdings, type PowerOperation, type Subject } from "./power-operation.ts";

const beadsIn = async (directory: string) =>
  (await import("@flockwork/beads")).openBeads(join(directory, ".beads"));
const tasksIn = async (directory: string) => (await import("@flockwork/tasks")).openTasks(directory);
const timeIn = async (directory: string) =>
  (await import("../time/package.ts")).openTimeTracking(directory, { timeZone: "UTC" });
const machinesIn = async (directory: string) =>
  (await import("@flockwork/registry")).machineRegistry(fileStore(directory));
const agentsIn = async (directory: string) =>
  (await import("@flockwork/registry")).agentRegistry(fileStore(directory));
const withQueue = async <R>(directory: string, work: (queue: Queue<number>) => Promise<R>): Promise<R> => {
  const queue = (await import("../queue/package.ts")).openQueue<number>(fileStore(directory));
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
};

export const packageSubjects: Readonly<Record<string, Subject>> = {
  beads: {
    empty: [],
    observe: async (directory) =>
      (await (await beadsIn(directory)).list())
        .map(({ title, labels = [] }) => [title, ...labels].join(" "))
        .toSorted(),
  },
  tasks: {
    empty: [],
    observe: async (directory) =>
      (await (await tasksIn(directory)).list()).map(({ title, status }) => `${title} ${status}`),
  },
  time: {
    empty: { entries: [], running: [] },
    observe: async (directory) => {
      await finishCommit(directory, ".flowforge/billing/time-tracking.json", "flowforge");
      const time = await timeIn(directory);
      return {
        entries: (await time.entries()).map(({ taskId }) => taskId).toSorted(),
        running: (await time.status()).running.map(({ actorId }) => actorId).toSorted(),
      };
    },
  },
  machines: {
    empty: ["local"],
    observe: async (directory) =>
      (await (await machinesIn(directory)).list()).map(({ name }) => name).toSorted(),
  },
  agents: {
    empty: [],
    observe: async (directory) => (await (await agentsIn(directory)).list()).map(({ id }) => id).toSorted(),
  },
  queue: {
    empty: { live: [], completed: [], dead: [] },
    observe: (directory) =>
      withQueue(directory, async (queue) => {
        await queue.resume(); // nobody paused it, but it takes the lock, and so finishes what a crash interrupted
        const payloads = async (...states: readonly ("waiting" | "claimed" | "completed" | "dead")[]) =>
          (await Promise.all(states.map((state) => queue.list(state)))).flat().map(({ payload }) => payload);
        return {
          live: await payloads("claimed", "waiting"),
          completed: await payloads("completed"),
          dead: await payloads("dead"),
        };
      }),
  },
};

const sorted = (held: Holdings, name: string, more: string): string[] =>
  [...(held[name] as string[]), more].toSorted();
const jobs = (held: Holdings) =>
  held["queue"] as { readonly live: number[]; readonly completed: number[]; readonly dead: number[] };
const times = (held: Holdings) => held["time"] as { readonly entries: string[]; readonly running: string[] };
const minute = (round: number): string => new Date(Date.UTC(2026, 0, 5, 9, round)).toISOString();

export const packageOperations: readonly PowerOperation[] = [
  {
    name: "beads create",
    subjects: ["beads"],
    apply: (held, round) => ({ ...held, beads: sorted(held, "beads", `${round}`) }),
    run: async (directory, round) => (await beadsIn(directory)).create({ title: `${round}` }),
  },
  {
    name: "beads batchUpdate",
    subjects: ["beads"],
    apply: (held, round) => ({
      ...held,
      beads: (held["beads"] as string[]).map((issue) => `${issue} ${round}`),
    }),
    run: async (directory, round) => {
      const beads = await beadsIn(directory);
      const change = ({ labels = [] }: { labels?: readonly string[] | undefined }) => ({
        labels: [...labels, `${round}`],
      });
      await beads.batchUpdate((await beads.list()).map(({ id }) => ({ id, change })));
    },
  },
  {
    name: "tasks create",
    subjects: ["tasks"],
    apply: (held, round) => ({ ...held, tasks: [...(held["tasks"] as string[]), `${round} pending`] }),
    run: async (directory, round) => {
      mkdirSync(join(directory, ".flowforge"), { recursive: true });
      await (await tasksIn(directory)).create({ title: `${round}` });
    },
  },
  {
    name: "tasks setStatus",
    subjects: ["tasks"],
    apply: (held) => ({
      ...held,
      tasks: (held["tasks"] as string[]).map((task, at, all) =>
        at === all.length - 1 ? task.replace("pending", "completed") : task,
      ),
    }),
    run: async (directory) => {
      const tasks = await tasksIn(directory);
      const last = (await tasks.list()).at(-1);
      if (last?.status === "pending") await tasks.setStatus(last.id, "completed");
    },
  },
  {
    name: "time start",
    subjects: ["time"],
    apply: (held, round) => ({
      ...held,
      time: { ...times(held), running: [...times(held).running, `actor${round}`].toSorted() },
    }),
    run: async (directory, round) =>
      (await timeIn(directory)).start({ taskId: `${round}`, actorId: `actor${round}` }),
  },
  {
    name: "time add",
    subjects: ["time"],
    apply: (held, round) => ({
      ...held,
      time: { ...times(held), entries: [...times(held).entries, `${round}`].toSorted() },
    }),
    run: async (directory, round) =>
      (await timeIn(directory)).add({
        taskId: `${round}`,
        actorId: "ada",
        startedAt: minute(round),
        endedAt: minute(round + 1),
      }),
  },
  {
    name: "machines add",
    subjects: ["machines"],
    apply: (held, round) => ({ ...held, machines: sorted(held, "machines", `m${round}`) }),
    run: async (directory, round) =>
      (await machinesIn(directory)).add({ name: `m${round}`, type: "ssh", host: "me@example.org" }),
  },
  {
    name: "agents register",
    subjects: ["agents"],
    apply: (held, round) => ({ ...held, agents: sorted(held, "agents", `agent${round}`) }),
    run: async (directory, round) => (await agentsIn(directory)).register({ id: `agent${round}` }),
  },
  {
    name: "queue enqueueMany",
    subjects: ["queue"],
    apply: (held, round) => ({
      ...held,
      queue: { ...jobs(held), live: [...jobs(held).live, round, round + 0.5] },
    }),
    run: (directory, round) =>
      withQueue(directory, (queue) => queue.enqueueMany([{ payload: round }, { payload: round + 0.5 }])),
  },
  {
    name: "queue claim, complete",
    subjects: ["queue"],
    apply: (held) => ({
      ...held,
      queue: {
        ...jobs(held),
        live: jobs(held).live.slice(1),
        completed: [...jobs(held).completed, ...jobs(held).live.slice(0, 1)],
      },
    }),
    run: (directory) =>
      withQueue(directory, async (queue) => {
        const [claim] = await queue.claim();
        await claim?.complete();
      }),
  },
];
