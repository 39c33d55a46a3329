import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  fromBacklog,
  fromBeads,
  fromTaskMaster,
  openTasks,
  type Claims,
  toBacklog,
  toBeads,
  toTaskMaster,
} from "@flockwork/tasks";
import { providerBridge } from "@flockwork/tasks/flowforge";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2State } from "@flockwork/tasks/todo2";
import type { Call, Target } from "../target.ts";

/** With every field. */
const wholeTask = {
  title: "Whole",
  description: "All of it",
  status: "pending",
  priority: "high",
  assignee: "ann",
  estimatedHours: 2,
  actualHours: 1,
  tags: ["db"],
  source: "github",
  githubIssue: 7,
  microtasks: [{ id: 1, title: "one", completed: false }, "two"],
  milestone: "m2",
  billing: { billable: true, rate: 90, client: "acme", category: "dev", invoiced: false, invoiceId: "i" },
} as const;

/** Renews a claim as whoever holds it, by what the file says of it. */
async function renewed<Id>(claims: Claims<Id>, id: Id): Promise<void> {
  const held = await claims.inspect(id);
  if (held !== undefined) await claims.renew(id, held, { leaseMs: 1_000 });
}

/** What tasks reads: FlowForge's file, exarp's, jit's, and those of other tools. */
export const tasksTargets: readonly Target[] = [
  {
    name: "tasks",
    prepare: async (directory) => {
      const tasks = openTasks(directory);
      const { task } = await tasks.create({ title: "Design", estimatedHours: 2 });
      await tasks.create({ title: "Code", priority: "critical", dependencies: [task.id] });
      await tasks.addMicrotask(task.id, "look around");
      await tasks.setMilestone("m1", { name: "First" } as never).catch(() => undefined);
      await tasks.claims.claim(task.id, { holder: "agent-1", leaseMs: 600_000 });
      await tasks.create({ ...wholeTask, dependencies: [task.id] });
      await tasks.setMilestone("m2", { name: "Second", status: "active", completed: 1, total: 2 });
    },
    mutates: /tasks\.json$/,
    calls: (directory): Call[] => {
      const tasks = openTasks(directory);
      return [
        ["list", () => tasks.list()],
        ["ready", () => tasks.ready()],
        ["order", () => tasks.order()],
        ["statistics", () => tasks.statistics()],
        ["milestones", () => tasks.milestones()],
        ["currentMilestone", () => tasks.currentMilestone()],
        ["blockers", () => tasks.blockers(2)],
        ["create", () => tasks.create({ title: "one more", dependencies: [1] })],
        ["update", () => tasks.update(2, { description: "changed" })],
        ["setStatus", () => tasks.setStatus(1, "completed")],
        ["setMicrotask", () => tasks.setMicrotask(1, 1)],
        ["addMicrotask", () => tasks.addMicrotask(3, "look once more")],
        ["addDependency", () => tasks.addDependency(3, 2)],
        ["removeDependency", () => tasks.removeDependency(3, 1)],
        ["batchUpdateTasks", () => tasks.batchUpdateTasks([{ id: 3, priority: "low" }])],
        ["setMilestone", () => tasks.setMilestone("m2", { completed: 2 })],
        [
          "exchange",
          async () => {
            const all = await tasks.list();
            return [toBeads(all), toTaskMaster(all), toBacklog(all)];
          },
        ],
        ["bridge", () => providerBridge(["search-tasks", "--query=e", "--format=text"], { directory })],
        ["claims", () => tasks.claims.list()],
        [
          "claimNext",
          async () => (await tasks.claims.claimNext({ holder: "fuzz", leaseMs: 1_000 }))?.release(),
        ],
        ["renew", () => renewed(tasks.claims, 1)],
        ["sweep", () => tasks.claims.sweep()],
      ];
    },
  },
  {
    name: "jit",
    prepare: async (directory) => {
      const jit = openJit(directory, { agent: "agent:one", branch: "main" });
      const { issue: schema } = await jit.create({ title: "Design", priority: "high" });
      const { issue: code } = await jit.create({ title: "Code", dependencies: [schema.id] });
      await jit.gates.define("tests", { title: "Tests pass" });
      await jit.gates.define("lint", {
        title: "Clean",
        checker: {
          type: "exec",
          command: "true",
          timeout_seconds: 5,
          working_dir: ".",
          env: { A: "b" },
        } as never,
      });
      await jit.gates.require(code.id, "tests");
      await jit.gates.require(code.id, "lint");
      await jit.gates.pass(code.id, "tests");
      await jit.update(code.id, { description: "How", labels: ["area:db"], assignee: "agent:one" });
      await jit.heartbeats.beat("agent:one");
      await jit.claims.claim(schema.id, { holder: "agent:one" });
    },
    calls: (directory): Call[] => {
      const jit = openJit(directory, { agent: "agent:two", branch: "main" });
      return [
        ["list", () => jit.list()],
        ["list by text", () => jit.list({ text: "how" })],
        ["ready", () => jit.ready()],
        ["events", () => jit.events()],
        ["events of one", async () => jit.events((await jit.list())[0]?.id ?? "none")],
        ["gates", () => jit.gates.list()],
        ["check all", async () => jit.gates.checkAll((await jit.list()).at(-1)?.id ?? "none")],
        ["pass", async () => jit.gates.pass((await jit.list()).at(-1)?.id ?? "none", "tests")],
        ["create", () => jit.create({ title: "one more" })],
        ["update", async () => jit.update((await jit.list())[0]?.id ?? "none", { title: "changed" })],
        ["claims", () => jit.claims.list()],
        ["renew", async () => renewed(jit.claims, (await jit.list())[0]?.id ?? "none")],
        [
          "claim",
          async () =>
            jit.claims.claim((await jit.list()).at(-1)?.id ?? "none", {
              holder: "agent:two",
              leaseMs: 1_000,
              keep: false,
            }),
        ],
        [
          "force",
          async () => jit.claims.forceRelease((await jit.list())[0]?.id ?? "none", { by: "x", reason: "y" }),
        ],
        ["heartbeats", () => jit.heartbeats.list()],
        ["delete", async () => jit.delete((await jit.list())[0]?.id ?? "none")],
        ["sweep of heartbeats", () => jit.heartbeats.sweep()],
        ["sweep", () => jit.claims.sweep()],
      ];
    },
  },
  {
    name: "todo2 state",
    prepare: async (directory) => {
      const todo2 = openTodo2State(directory);
      const { id } = await todo2.create({ content: "Fix the build", tags: ["ci"] });
      await todo2.create({ content: "Tell everybody", dependencies: [id] } as never);
      await todo2.update(id, {
        long_description: "How",
        metadata: { content_hash: "x" },
        estimated_hours: 1,
        project_id: "p",
        priority: "high",
      });
      await todo2.comment(id, "note", "On it");
      await todo2.claims.claim(id, { holder: "docs-host-1", leaseMs: 600_000, keep: false });
      await todo2.close();
    },
    mutates: /state\.todo2\.json$/,
    calls: (directory): Call[] => {
      const todo2 = openTodo2State(directory);
      return [
        ["list", () => todo2.list()],
        ["create", () => todo2.create({ content: "one more" })],
        ["update", async () => todo2.update((await todo2.list())[0]?.id ?? "none", { content: "changed" })],
        ["comments", async () => todo2.comments((await todo2.list())[0]?.id ?? "none")],
        ["comment", async () => todo2.comment((await todo2.list())[0]?.id ?? "none", "note", "x")],
        ["claims", () => todo2.claims.list()],
        ["renew", async () => renewed(todo2.claims, (await todo2.list())[0]?.id ?? "none")],
        [
          "claim of the held one",
          async () =>
            todo2.claims.claim((await todo2.list())[0]?.id ?? "none", {
              holder: "x",
              leaseMs: 1_000,
              keep: false,
            }),
        ],
        [
          "claim",
          async () =>
            todo2.claims.claim((await todo2.list()).at(-1)?.id ?? "none", {
              holder: "fuzz-host-2",
              leaseMs: 1_000,
              keep: false,
            }),
        ],
        ["sweep", () => todo2.claims.sweep()],
        ["close", () => todo2.close()],
      ];
    },
  },
  {
    name: "exchange",
    prepare: (directory) => {
      const tasks = {
        master: {
          tasks: [
            {
              id: 1,
              title: "Begin",
              status: "done",
              details: "how",
              subtasks: [{ id: 1, title: "s" }],
              dependencies: [],
            },
          ],
        },
      };
      writeFileSync(join(directory, "task-master.json"), JSON.stringify(tasks));
      const issue = {
        id: "bd-1",
        title: "t",
        status: "open",
        priority: 1,
        issue_type: "task",
        dependencies: [{ issue_id: "bd-1", depends_on_id: "bd-2", type: "blocks" }],
      };
      writeFileSync(join(directory, "beads.json"), JSON.stringify([issue]));
      const head =
        "---\nid: task-1\ntitle: Begin\nstatus: To Do\nassignee: [ann]\nlabels:\n  - a\n  - 'b: c'\ndependencies: [task-2]\npriority: high\n---\n";
      writeFileSync(
        join(directory, "task-1 - Begin.md"),
        `${head}\n## Description\n\nHow.\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 one\n- [x] #2 two\n<!-- AC:END -->\n`,
      );
    },
    calls: (_directory, mutated): Call[] => {
      const text = readFileSync(mutated, "utf8");
      if (mutated.endsWith(".md"))
        return [["backlog", () => toBacklog(fromBacklog([{ name: basename(mutated), text }]).tasks)]];
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        return [];
      }
      if (mutated.endsWith("beads.json"))
        return Array.isArray(value) ? [["beads", () => toBeads(fromBeads(value as unknown[]).tasks)]] : [];
      return [["task master", () => toTaskMaster(fromTaskMaster(value).tasks)]];
    },
  },
  {
    name: "provider bridge",
    prepare: (directory) => {
      const lines = [
        ["create-task", "--title=Fix sessions", "--status=ready", "--format=simple"],
        ["list-tasks", "--status=ready", "--format=text"],
        ["update-task", "--id=1", "--status=completed"],
        ["get-next-task", "--format=json"],
      ];
      for (const [at, line] of lines.entries())
        writeFileSync(join(directory, `${at}.json`), JSON.stringify(line));
    },
    calls: (directory, mutated): Call[] => {
      let args: unknown;
      try {
        args = JSON.parse(readFileSync(mutated, "utf8"));
      } catch {
        return [];
      }
      if (!Array.isArray(args) || !args.every((each) => typeof each === "string" && each.isWellFormed()))
        return [];
      const command = args as string[];
      return [["providerBridge", () => providerBridge(command, { directory: join(directory, "project") })]];
    },
  },
];
