import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBeads } from "@flockwork/beads";
import { machineRegistry } from "@flockwork/registry";
import { openTasks } from "@flockwork/tasks";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2State } from "@flockwork/tasks/todo2";
import { openQueue } from "../../../packages/queue/src/index.ts";
import { openTimeTracking } from "../../../packages/time-tracking/src/index.ts";
import { fileStore } from "../harness/core.ts";

/** A change that a domain package makes, and the files that it makes it in. It can be made again. */
export interface DomainCall {
  readonly name: string;
  /** Where its data is, below the directory. */
  readonly data: readonly string[];
  /** Where its locks are. */
  readonly locks: readonly string[];
  run(directory: string): Promise<unknown>;
}

const wait = { timeoutMs: 300 };
const gastownLocks = (directory: string, base: string): string[] =>
  ["flock", "lock"].map((leg) => join(directory, ".gastown", "locks", `${base}.${leg}`));
/** Of no other call, in whichever process. */
const unused = (what: string): string => `${what}-${randomUUID()}`;
/** More than what is left of a page. */
const text = "x".repeat(5_000);

/** One of each domain package, and of each backend of tasks. */
export const domainCalls: readonly DomainCall[] = [
  {
    name: "beads: create",
    data: [".beads/issues.jsonl"],
    locks: gastownLocks(".beads", "issues.jsonl"),
    async run(directory) {
      mkdirSync(join(directory, ".beads"), { recursive: true });
      const beads = openBeads(join(directory, ".beads"));
      try {
        await beads.create({ title: "t", description: text }, wait);
      } finally {
        await beads.dispose();
      }
    },
  },
  {
    name: "queue: enqueue",
    data: [".gastown/queues/tasks.jsonl"],
    locks: gastownLocks(".gastown/queues", "tasks.jsonl"),
    async run(directory) {
      const queue = openQueue(fileStore(directory, wait));
      try {
        await queue.enqueue({ text });
      } finally {
        await queue.close();
      }
    },
  },
  {
    name: "registry: machines.add",
    data: ["machines.json"],
    locks: gastownLocks(".", "machines.json"),
    run: (directory) =>
      machineRegistry(fileStore(directory)).add({ name: unused("machine"), type: "local" }, wait),
  },
  {
    name: "tasks: create",
    data: [".flowforge/tasks.json"],
    locks: [".flowforge/.locks/tasks.json.flock"],
    run: (directory) => openTasks(directory).create({ title: "t" }, wait),
  },
  {
    name: "jit: create", // its event is told when all is done: what stands where events go comes too late to refuse it
    data: [".jit/index.json"],
    locks: [".jit/.index.lock"],
    run: (directory) => openJit(directory, { branch: "main" }).create({ title: "t" }, wait),
  },
  {
    name: "todo2: create",
    data: [".todo2/state.todo2.json"],
    locks: [".todo2/state.todo2.json.lock"],
    async run(directory) {
      const tasks = openTodo2State(directory);
      try {
        await tasks.create({ content: "c" }, wait);
      } finally {
        await tasks.close();
      }
    },
  },
  {
    name: "time tracking: add",
    data: [".flowforge/billing/time-tracking.json", ".flowforge/billing/time-history.jsonl"],
    locks: [".flowforge/.locks/time-tracking.json.flock", ".flowforge/billing/time-history.jsonl.lock"],
    run: (directory) =>
      openTimeTracking(directory, { timeZone: "UTC" }).add({
        taskId: "1",
        actorId: unused("ada"),
        startedAt: "2026-03-02T09:00:00Z",
        endedAt: "2026-03-02T10:00:00Z",
        ...wait,
      }),
  },
];
