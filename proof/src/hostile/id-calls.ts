import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBeads, type Beads, type Issue } from "@flockwork/beads";
import { acquireAgentLock, agentRegistry, configFile, elect, machineRegistry } from "@flockwork/registry";
import { openTasks, type FlowForgeTasks } from "@flockwork/tasks";
import { openJit, type JitRepository } from "@flockwork/tasks/jit";
import { openTodo2, openTodo2State, type Todo2 } from "@flockwork/tasks/todo2";
import { openMailQueues, openNudgeQueue, openQueue, type Queue } from "../../../packages/queue/src/index.ts";
import {
  openSessions,
  openTimeTracking,
  type TimeTracking,
} from "../../../packages/time-tracking/src/index.ts";
import { fileStore, leases, type Store } from "../harness/core.ts";

/** A call that is given an id, which may become part of a path, a key, or a line. */
export interface IdCall {
  readonly name: string;
  /** What it takes besides strings: an option that may be left out, a path of several keys. */
  readonly takes?: RegExp;
  run(place: string, id: string): Promise<unknown>;
}

const wait = { timeoutMs: 2_000 } as const;
const holder = { holder: "agent:ada", keep: false } as const;

function inStore(name: string, work: (store: Store, id: string) => unknown): IdCall {
  return {
    name,
    async run(place, id) {
      const store = fileStore(place);
      try {
        await work(store, id);
      } finally {
        await store.close();
      }
    },
  };
}

function ofBeads(name: string, work: (beads: Beads, id: string) => unknown): IdCall {
  return {
    name: `beads: ${name}`,
    async run(place, id) {
      mkdirSync(join(place, ".beads"), { recursive: true });
      const beads = openBeads(join(place, ".beads"));
      try {
        await work(beads, id);
      } finally {
        await beads.dispose();
      }
    },
  };
}

const ofQueue = (name: string, work: (queue: Queue, id: string) => unknown): IdCall =>
  inStore(`queue: ${name}`, async (store, id) => {
    const queue = openQueue(store);
    try {
      await work(queue, id);
    } finally {
      await queue.close();
    }
  });

function ofTasks(name: string, work: (tasks: FlowForgeTasks, id: string) => unknown): IdCall {
  return {
    name: `tasks: ${name}`,
    async run(place, id) {
      mkdirSync(join(place, ".flowforge"), { recursive: true });
      writeFileSync(join(place, ".flowforge", "tasks.json"), '{"tasks":[{"id":1,"title":"one"}]}');
      await work(openTasks(place), id);
    },
  };
}

function ofTodo2(
  name: string,
  open: (place: string) => Todo2,
  work: (tasks: Todo2, id: string) => unknown,
): IdCall {
  return {
    name: `todo2 ${open === openTodo2State ? "state file" : "database"}: ${name}`,
    async run(place, id) {
      const tasks = open(place);
      try {
        if ("migrate" in tasks) await (tasks as ReturnType<typeof openTodo2>).migrate();
        await work(tasks, id);
      } finally {
        await tasks.close();
      }
    },
  };
}

const ofJit = (name: string, work: (issues: JitRepository, id: string) => unknown): IdCall => ({
  name: `jit: ${name}`,
  run: async (place, id) => void (await work(openJit(place, { branch: "main" }), id)),
});

const ofTime = (name: string, work: (time: TimeTracking, id: string) => unknown): IdCall =>
  inStore(`time: ${name}`, (store, id) => work(openTimeTracking(store, { timeZone: "UTC" }), id));

export const mail = {
  id: "m",
  from: "ada",
  to: "bob",
  subject: "s",
  body: "b",
  timestamp: "2026-01-02T03:04:05Z",
};
const startedAt = Date.parse("2026-01-05T08:00:00Z");

export function issueOf(id: string): Issue {
  const at = "2026-01-02T03:04:05Z";
  return {
    id,
    title: "t",
    status: "open",
    priority: 2,
    issue_type: "task",
    created_at: at,
    updated_at: at,
  } as Issue;
}

/** One to change. */
async function anIssue(beads: Beads): Promise<Issue> {
  const [issue] = await beads.list();
  return issue ?? (await beads.create({ title: "t" }, wait)).issue;
}

async function aJitIssue(issues: JitRepository): Promise<string> {
  const [issue] = await issues.list();
  return (issue ?? (await issues.create({ title: "t" }, wait)).issue).id;
}

const optional = (call: IdCall): IdCall => ({ ...call, takes: /^null$/ });

/** Every kind of id that the packages take. */
export const idCalls: readonly IdCall[] = [
  inStore("store.document", (store, id) => store.document({ name: id, merge: "overwrite" }).write({})),
  inStore("store.log", (store, id) => store.log({ name: id }).append({})),
  inStore("store.lock", (store, id) => store.lock(id).withWrite(() => undefined, wait)),
  inStore("store.list", (store, id) => store.list(id)),
  inStore("leases.acquire", async (store, id) => (await leases(store).acquire(id, wait)).release()),
  inStore("leases, their document", async (store, id) =>
    (await leases(store, { document: id }).acquire("work", wait)).release(),
  ),
  ofBeads("append", (beads, id) => beads.append(issueOf(id), wait)),
  ofBeads("update", (beads, id) => beads.update(id, { notes: "n" }, wait)),
  ofBeads("claim", (beads, id) => beads.claim(id, { actor: "ada" }, wait)),
  ofBeads("comment", (beads, id) => beads.comment(id, { author: "ada", text: "t" }, wait)),
  ofBeads("addDependency", (beads, id) => beads.addDependency(id, id, wait)),
  optional(ofBeads("create with a prefix", (beads, id) => beads.create({ title: "t", prefix: id }, wait))),
  ofBeads("addDependency, on whom", async (beads, id) =>
    beads.addDependency((await anIssue(beads)).id, id, wait),
  ),
  ofBeads("routes.set, its prefix", (beads, prefix) => beads.routes.set({ prefix, path: "." }, wait)),
  ofBeads("routes.set, its path", (beads, path) => beads.routes.set({ prefix: "gt-", path }, wait)),
  ofBeads("routes.remove", (beads, prefix) => beads.routes.remove(prefix, wait)),
  ofBeads("routes.find", (beads, id) => beads.routes.find(id)),
  inStore("registry: machines.add", (store, name) =>
    machineRegistry(store).add({ name, type: "ssh", host: "h", key_path: "/k", town_path: "/t" }, wait),
  ),
  inStore("registry: machines.remove", (store, name) => machineRegistry(store).remove(name, wait)),
  inStore("registry: agents.register", (store, id) => agentRegistry(store).register({ id }, wait)),
  inStore("registry: agents.get", (store, id) => agentRegistry(store).get(id)),
  inStore("registry: elect", async (store, id) => (await elect(store, id, wait)).resign()),
  optional(
    inStore("registry: elect, its candidate", async (store, candidate) =>
      (await elect(store, "lead", { candidate, ...wait })).resign(),
    ),
  ),
  {
    ...inStore("registry: config.set", (store, id) => configFile(store).set(id, 1, wait)),
    takes: /^an array/,
  },
  inStore("registry: config.set, below it", (store, id) => configFile(store).set([id, "polluted"], 1, wait)),
  optional(
    inStore("registry: acquireAgentLock", async (store, id) =>
      (await acquireAgentLock(store, { document: id, ...wait })).release(),
    ),
  ),
  ofQueue("enqueue", (queue, id) => queue.enqueue({}, { id })),
  ofQueue("enqueue, its group", (queue, group) => queue.enqueue({}, { group })),
  ofQueue("enqueue, its key", (queue, key) => queue.enqueue({}, { key, dedupe: "ignore" })),
  ofQueue("enqueue, its limitKey", (queue, limitKey) => queue.enqueue({}, { limitKey })),
  ofQueue("enqueue, its dependsOn", (queue, id) => queue.enqueue({}, { dependsOn: [id] })),
  ofQueue("cancel", (queue, id) => queue.cancel(id)),
  ofQueue("redrive", (queue, id) => queue.redrive([id])),
  ofQueue("schedule", (queue, id) => queue.schedule({ name: id, cron: "0 0 * * *", payload: null })),
  optional(
    inStore("queue: its directory", async (store, id) => {
      const queue = openQueue(store, { directory: id });
      try {
        await queue.enqueue({});
      } finally {
        await queue.close();
      }
    }),
  ),
  inStore("nudges: session", (store, id) => openNudgeQueue(store, id).send({ sender: "ada", message: "m" })),
  inStore("mail: its directory", (store, id) =>
    openMailQueues(store, { directory: id }).enqueue("inbound", mail),
  ),
  ofTasks("create", (tasks, id) => tasks.create({ id, title: "t" }, wait)),
  ofTasks("update", (tasks, id) => tasks.update(id, { title: "t" }, wait)),
  ofTasks("claims.claim", (tasks, id) => tasks.claims.claim(id, { ...holder, ...wait })),
  ofTasks("setMilestone", (tasks, id) => tasks.setMilestone(id, { title: "t" }, wait)),
  ...[openTodo2, openTodo2State].flatMap((open) => [
    ofTodo2("create", open, (tasks, id) => tasks.create({ id, content: "c" }, wait)),
    ofTodo2("claims.claim", open, (tasks, id) => tasks.claims.claim(id, { ...holder, ...wait })),
    ofTodo2("comment", open, (tasks, id) => tasks.comment(id, "note", "c", wait)),
    ofTodo2("handoffs.setStatus", open, (tasks, id) => tasks.handoffs.setStatus([id], "closed", wait)),
    ofTodo2("handoffs.remove", open, (tasks, id) => tasks.handoffs.remove([id], wait)),
    ofTodo2("withTaskLock", open, (tasks, id) => tasks.withTaskLock(id, () => undefined, wait)),
  ]),
  ofJit("update", (issues, id) => issues.update(id, { description: "d" }, wait)),
  ofJit("delete", (issues, id) => issues.delete(id, wait)),
  ofJit("claims.claim", (issues, id) => issues.claims.claim(id, { ...holder, ...wait })),
  ofJit("addDependency", async (issues, id) => issues.addDependency(id, await aJitIssue(issues), wait)),
  ofJit("addDependency, on whom", async (issues, id) =>
    issues.addDependency(await aJitIssue(issues), id, wait),
  ),
  ofJit("removeDependency, on whom", async (issues, id) =>
    issues.removeDependency(await aJitIssue(issues), id, wait),
  ),
  ofJit("gates.define", (issues, id) => issues.gates.define(id, { title: "t" }, wait)),
  ofJit("gates.require", async (issues, id) => {
    await issues.gates.define("review", { title: "t" }, wait);
    await issues.gates.require(id, "review", wait);
  }),
  ofJit("gates.require, its gate", async (issues, gate) =>
    issues.gates.require(await aJitIssue(issues), gate, wait),
  ),
  ofJit("gates.drop, its gate", async (issues, gate) =>
    issues.gates.drop(await aJitIssue(issues), gate, wait),
  ),
  ofJit("gates.pass, its gate", async (issues, gate) =>
    issues.gates.pass(await aJitIssue(issues), gate, undefined, wait),
  ),
  ofJit("gates.run", (issues, id) => issues.gates.run(id)),
  ofJit("heartbeats.beat", (issues, id) => issues.heartbeats.beat(id)),
  ofTime("start", (time, id) => time.start({ taskId: id, actorId: "ada", startedAt, ...wait })),
  optional(
    ofTime("start, its actor", (time, id) => time.start({ taskId: "1", actorId: id, startedAt, ...wait })),
  ),
  ofTime("edit", (time, id) => time.edit(id, { note: "n" }, wait)),
  ofTime("remove", (time, id) => time.remove(id, wait)),
  ofTime("confirm", (time, id) => time.confirm(id, wait)),
  ofTime("billing.voidInvoice", (time, id) => time.billing.voidInvoice(id, wait)),
  ofTime("billing.adjust", (time, id) => time.billing.adjust(id, { deltaMs: 1, reason: "r", ...wait })),
  ofTime("billing.invoice", (time, id) => time.billing.invoice({ id, ...wait })),
  ofTime("billing.setBudget", (time, id) => time.billing.setBudget({ id, limitMs: 1 }, wait)),
  optional(
    ofTime("sessions.open", (time, id) =>
      openSessions(time).open({ taskId: "1", developerId: id, instanceId: "i", ...wait }),
    ),
  ),
  optional(
    ofTime("sessions.open, its instance", (time, instanceId) =>
      openSessions(time).open({ taskId: "1", developerId: "ada", instanceId, timer: false, ...wait }),
    ),
  ),
  ofTime("sessions.close", (time, id) => openSessions(time).close(id, wait)),
];
