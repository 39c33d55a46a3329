/** The domain packages are killed at every call that changes something: none may be forgotten, also none that is new. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { openBeads } from "@flockwork/beads";
import { agentRegistry, configFile, machineRegistry, townState } from "@flockwork/registry";
import { openTasks } from "@flockwork/tasks";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2, openTodo2State } from "@flockwork/tasks/todo2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMailQueues, openNudgeQueue, openQueue } from "../../packages/queue/src/index.ts";
import {
  flowforgeLegacyAdapter,
  flowforgeProvider,
  openSessions,
  openTimeTracking,
} from "../../packages/time-tracking/src/index.ts";
import { operationsOf } from "../src/crash/domains/all-domains.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { methodsOf } from "./support/methods-of.ts";

interface Calls {
  readonly of: object;
  /** Calls that change nothing that is stored, or only what another of them does. */
  readonly others: string;
  /** How the names of its operations begin, where a domain has several like it. */
  readonly within?: string;
}

let calls: Readonly<Record<string, readonly Calls[]>> = {};
const over = Promise.withResolvers<void>();
let done: Promise<void> | undefined;

beforeAll(async () => {
  const opened = Promise.withResolvers<void>();
  done = withTemporaryDirectory(async (directory) => {
    const place = (name: string): string => {
      mkdirSync(join(directory, name, ".beads"), { recursive: true });
      return join(directory, name);
    };
    const store = fileStore(place("store"));
    const beads = openBeads(join(place("beads"), ".beads"));
    const queue = openQueue(store);
    const jit = openJit(place("jit"), { branch: "main" });
    const tasks = openTasks(place("flowforge"));
    const [database, stateFile] = [openTodo2(place("todo2")), openTodo2State(place("state"))];
    const time = openTimeTracking(store);
    await queue.enqueue(1);
    const [job] = await queue.claim();
    const issue = (await beads.create({ title: "one" })).issue;
    const claims = "inspect list checked hold";
    const todo2 =
      "list get comments close detectStaleLocks lockStatus runLeaseRenewal withGitLock withTaskLock";
    calls = {
      beads: [
        {
          of: beads,
          others: "dispose get list listFrom cycles ready blockers search stats watch memories header",
        },
        { of: beads.interactions, others: "list" },
        { of: beads.routes, others: "list find" },
        { of: await beads.claim(issue.id, { actor: "ada", leaseMs: 60_000 }), others: "assertHeld" },
      ],
      registry: [
        { of: machineRegistry(store), others: "get list listWithRevision" },
        {
          of: agentRegistry(store),
          others: "get list listWithRevision watch getAgentStatus whyDead onDeath",
        },
        { of: configFile(store), others: "read get" },
        { of: townState(store), others: "isEnabled read get set unset update" },
      ],
      queue: [
        {
          of: queue,
          others: "worker close settled change get list deadLetters stats explain events history",
        },
        { of: job as object, others: "renew" },
        { of: openQueue(store, { format: "plain" }), others: "peek length" },
        { of: openNudgeQueue(store, "gt"), others: "pending" },
        { of: openMailQueues(store), others: "list" },
      ],
      tasks: [
        {
          of: tasks,
          others:
            "edit releaseOnDeath file list get ready next order blockers statistics milestones currentMilestone watch",
          within: "tasks: flowforge: ",
        },
        { of: tasks.claims, others: claims, within: "tasks: flowforge: claims." },
        { of: database, others: todo2, within: "tasks: todo2 database: " },
        { of: database.claims, others: claims, within: "tasks: todo2 database: claims." },
        { of: stateFile, others: todo2, within: "tasks: todo2 state file: " },
        { of: stateFile.claims, others: claims, within: "tasks: todo2 state file: claims." },
        { of: stateFile.handoffs, others: "list", within: "tasks: todo2 state file: handoffs." },
        { of: jit, others: "releaseOnDeath list get ready events", within: "tasks: jit: " },
        { of: jit.gates, others: "list check checkAll runs run", within: "tasks: jit: gates." },
        { of: jit.claims, others: "inspect list guard", within: "tasks: jit: claims." },
        { of: jit.heartbeats, others: "list keep", within: "tasks: jit: heartbeats." },
      ],
      time: [
        { of: time, others: "submit rules status entries report problems heartbeats view" },
        { of: time.billing, others: "ledger budgets invoices verify" },
        { of: openSessions(time), others: "list get onDeath deathEffect" },
        {
          of: flowforgeProvider(time),
          others: "getSession getSessions getSessionStats getBillingData validateDataIntegrity",
        },
        { of: flowforgeLegacyAdapter(directory), others: "getMigrationStats validateDataIntegrity" },
      ],
    };
    opened.resolve();
    await over.promise;
    await Promise.all([beads.dispose(), queue.close(), database.close(), stateFile.close()]);
    await store.close();
  });
  await Promise.race([opened.promise, done]);
});

afterAll(async () => {
  over.resolve();
  await done;
});

test.each(["beads", "registry", "queue", "tasks", "time"])(
  "T1: every call of %s that changes something is killed, or is known to change nothing",
  async (domain) => {
    const operations = await operationsOf(domain);
    for (const { of, others, within = "" } of calls[domain] ?? []) {
      const ofIt = operations.flatMap(({ name }) =>
        name.startsWith(within) ? name.slice(within.length) : [],
      );
      const named = new Set(ofIt.flatMap((name) => name.match(/\w+/g) ?? []));
      const known = new Set(others.split(" ").filter((name) => name !== ""));
      expect(
        [...known].filter((name) => !methodsOf(of).includes(name)),
        "others",
      ).toEqual([]);
      const missing = methodsOf(of).filter((name) => !known.has(name) && !named.has(name));
      expect(missing, of.constructor.name).toEqual([]);
    }
  },
);
