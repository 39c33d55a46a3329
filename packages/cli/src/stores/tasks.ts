import type { FlowForgeTask, FlowForgeTasks, TaskPriority, TaskStatus } from "@flockwork/tasks";
import { type Command, exitCodes, UsageError } from "../command.ts";
import { whoActs } from "./identity.ts";
import { listed, row, storeCommand, type Asked, type Told } from "./store-command.ts";

const defaultLeaseSeconds = 600;
const statuses: readonly TaskStatus[] = [
  "pending",
  "in_progress",
  "blocked",
  "paused",
  "completed",
  "cancelled",
];

/** `flockwork tasks`: FlowForge's tasks. */
export const tasksCommand: Command = storeCommand({
  name: "tasks",
  summary: "FlowForge's tasks: list, ready, create, status, claim, release, …",
  directory: ".",
  options: {
    holder: { type: "string", says: "who claims (default you, on this machine)" },
    lease: { type: "string", says: `seconds until a claim ends by itself (default ${defaultLeaseSeconds})` },
    token: { type: "string", says: "what claim printed: proves the claim to release it" },
    priority: { type: "string", says: "critical, high, medium or low" },
  },
  actions: {
    list: {
      usage: "",
      says: "every task",
      run: (asked) => using(asked, async (tasks) => listed(await tasks.list(), lineOf, "no tasks")),
    },
    ready: {
      usage: "",
      says: "what can be begun, the most urgent first",
      run: (asked) => using(asked, async (tasks) => listed(await tasks.ready(), lineOf, "nothing is ready")),
    },
    show: {
      usage: "ID",
      says: "one task",
      run: (asked) =>
        using(asked, async (tasks) => {
          const task = await tasks.get(asked.args[0]);
          if (task === undefined)
            return { result: null, lines: [`no task ${asked.args[0]}`], code: exitCodes.no };
          return { result: task, lines: JSON.stringify(task, undefined, 2).split("\n") };
        }),
    },
    create: {
      usage: "TITLE",
      says: "makes a task, and prints its id",
      run: (asked) =>
        using(asked, async (tasks) => {
          const priority = priorityOf(asked.option("priority"));
          const receipt = await tasks.create({
            title: asked.args[0],
            ...(priority === undefined ? {} : { priority }),
          });
          return { result: receipt, lines: [String(receipt.task.id)] };
        }),
    },
    status: {
      usage: "ID STATUS",
      says: "changes the status of a task",
      run: (asked) =>
        using(asked, async (tasks) => {
          const [id, text] = asked.args;
          const status = statuses.find((known) => known === text.replaceAll("-", "_"));
          if (status === undefined) throw new UsageError(`STATUS must be one of ${statuses.join(", ")}`);
          const receipt = await tasks.setStatus(id, status);
          return { result: receipt, lines: [lineOf(receipt.task)] };
        }),
    },
    claim: {
      usage: "[ID]",
      says: "takes a task, or the most urgent one; prints id and token; exit code 1 when it is not to be had",
      run: (asked) =>
        using(asked, async (tasks) => {
          const holder = asked.option("holder") ?? whoActs();
          const request = { holder, leaseMs: (asked.number("lease") ?? defaultLeaseSeconds) * 1_000 };
          const [id] = asked.args;
          const claim =
            id === "" ? await tasks.claims.claimNext(request) : await tasks.claims.claim(id, request);
          if (claim === undefined) return { result: null, lines: ["nothing is ready"], code: exitCodes.no };
          if (!claim.granted) return { result: claim, lines: [claim.message], code: exitCodes.no };
          const { taskId, token } = claim;
          return { result: { taskId, holder, token }, lines: [row(taskId, token)] };
        }),
    },
    release: {
      usage: "ID",
      says: "gives a claim back; needs --token, and --holder as it was claimed",
      run: (asked) =>
        using(asked, async (tasks) => {
          const [taskId] = asked.args;
          const token = asked.option("token");
          if (token === undefined) throw new UsageError("--token is missing: claim printed it");
          await tasks.claims.release(taskId, { holder: asked.option("holder") ?? whoActs(), token });
          return { result: { taskId, released: true }, lines: [`${taskId} is free`] };
        }),
    },
  },
});

async function using({ directory }: Asked, work: (tasks: FlowForgeTasks) => Promise<Told>): Promise<Told> {
  const { openTasks } = await import("@flockwork/tasks");
  return await work(openTasks(directory));
}

function priorityOf(text: string | undefined): TaskPriority | undefined {
  const known: readonly TaskPriority[] = ["critical", "high", "medium", "low"];
  if (text === undefined) return undefined;
  const found = known.find((each) => each === text);
  if (found === undefined) throw new UsageError(`--priority must be one of ${known.join(", ")}`);
  return found;
}

function lineOf({ id, status, priority, assignee, title }: FlowForgeTask): string {
  return row(String(id), status, priority, assignee, title);
}
