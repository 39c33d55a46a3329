/**
 * Program: writes whatever tells of its holder, and prints all that it is told itself, as one line. Ends with its input.
 * Arguments: what to write, a directory; and a secret, which is in its environment as well.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { openBeads } from "@flockwork/beads";
import { acquireAgentLock, acquireDaemonLock, agentRegistry, elect } from "@flockwork/registry";
import { openTasks } from "@flockwork/tasks";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2 } from "@flockwork/tasks/todo2";
import { measureQueue, observeFlockwork } from "../../../packages/otel/src/index.ts";
import { prometheusText } from "../../../packages/otel/src/prometheus.ts";
import { RecordingMeter } from "../../../packages/otel/test/recording-meter.ts";
import { openQueue } from "../../../packages/queue/src/index.ts";
import { openSessions, openTimeTracking } from "../../../packages/time-tracking/src/index.ts";
import {
  acquireLock,
  fileStore,
  inspectLock,
  leases,
  lockMetrics,
  type LayoutName,
} from "../harness/core.ts";
import { fileOf, layouts } from "./told-of-holders.ts";

type Hold = (directory: string) => Promise<unknown>;

async function lockIn(directory: string, layout: LayoutName): Promise<unknown> {
  const path = fileOf(directory, layout);
  mkdirSync(join(directory, ".gastown"));
  writeFileSync(join(directory, "beads.db"), ""); // beads locks by a record where there is a database
  const lock = await acquireLock(path, "exclusive", { layout });
  return [lock.held, inspectLock(path, { layout }), lockMetrics()];
}

const holds: Readonly<Record<string, Hold>> = {
  ...Object.fromEntries(
    layouts.map((layout) => [layout, (directory: string) => lockIn(directory, layout)] as const),
  ),
  "a lease": async (directory) => {
    const lease = await leases(fileStore(directory)).acquire("work");
    return [lease.held, lease.token];
  },
  "agents and leaders": async (directory) => {
    const store = fileStore(directory);
    const agents = agentRegistry(store);
    const { id, generation } = await agents.register({ id: "town/nux" });
    await agents.heartbeat(id, generation);
    await elect(store, "nightly");
    return agents.list();
  },
  "identities of agents and daemons": async (directory) => {
    const store = fileStore(directory);
    await acquireDaemonLock(store);
    return (await acquireAgentLock(store)).record;
  },
  "sessions and timers": async (directory) => {
    mkdirSync(join(directory, ".flowforge"));
    const time = openTimeTracking(directory);
    const sessions = openSessions(time);
    const { sessionId } = await sessions.open({ taskId: "1" });
    await sessions.heartbeat(sessionId);
    await time.start({ taskId: "2", actorId: "bob" });
    await time.heartbeat({ actorId: "bob" });
    return [await sessions.list(), await time.status()];
  },
  "heartbeats and claims of jit": async (directory) => {
    const jit = openJit(directory, { agent: "agent:one", branch: "main" });
    const { issue } = await jit.create({ title: "Design" });
    await jit.heartbeats.beat("agent:one");
    await jit.claims.claim(issue.id, { holder: "agent:one" });
    return [await jit.heartbeats.list(), await jit.claims.list(), await jit.events()];
  },
  "claims of tasks": async (directory) => {
    const tasks = openTasks(directory);
    const { task } = await tasks.create({ title: "Design" });
    await tasks.claims.claim(task.id, { holder: "agent-1", leaseMs: 60_000 });
    const todo2 = openTodo2(directory);
    await todo2.migrate();
    const { id } = await todo2.create({ content: "Design" });
    await todo2.claims.claim(id, { holder: "agent-1", keep: false });
    return [await tasks.claims.list(), await todo2.claims.list()];
  },
  "claims of issues": async (directory) => {
    mkdirSync(join(directory, ".beads"));
    const beads = openBeads(join(directory, ".beads"));
    const { issue } = await beads.create({ title: "Design" });
    await beads.claim(issue.id, { actor: "ada" });
    return beads.list();
  },
  "jobs and their events": async (directory) => {
    const queue = openQueue(fileStore(directory));
    await queue.enqueue({ to: "ada" });
    const [claim] = await queue.claim();
    await claim?.fail(new Error("no"));
    return [await queue.stats(), await queue.explain(claim?.jobId ?? "")];
  },
  "metrics and their attributes": async (directory) => {
    const meter = new RecordingMeter();
    const store = fileStore(directory);
    const queue = measureQueue(openQueue(store), { name: "mail", meter });
    observeFlockwork({ meter, queues: { mail: queue }, nameOf: () => "state" });
    await queue.enqueue(1);
    await (await queue.claim())[0]?.complete();
    const path = join(directory, "data");
    await acquireLock(path, "exclusive");
    await acquireLock(path, "shared", { timeoutMs: 5 }).catch(() => undefined);
    return [meter.all(), await meter.read(), await prometheusText({ queues: { mail: queue } })];
  },
};

const [what = "", directory = ""] = process.argv.slice(2);
const told = await holds[what]?.(directory);
if (told === undefined) throw new RangeError(`nothing is called ${what}`);
console.log(JSON.stringify(inspect(told, { depth: 9, maxArrayLength: null, maxStringLength: null })));
process.stdin.resume().once("end", () => process.exit(0));
