/**
 * FlowForge's `provider-bridge.js` for its JSON provider: the actions on tasks, their options, formats, messages and exit codes, on
 * the locked task file. Values are taken as they are: no shell sees them, and nothing is cut off.
 */
import { StoreError } from "@flockwork/core";
import { TaskNotFoundError } from "../errors.ts";
import { inWords } from "../in-words.ts";
import { BridgeRefusal, fieldsOf, idOf, parseBridgeCommand, type BridgeCommand } from "./bridge-options.ts";
import { filterTasks, type TaskFilter } from "./queries.ts";
import { isSettled } from "./status.ts";
import type { FlowForgeTask, TaskId, TaskPriority } from "./task.ts";
import { openTasks, type FlowForgeTasks } from "./tasks.ts";

/** What a command of the bridge came to: what it prints, and its exit code. */
export interface BridgeOutcome {
  readonly exitCode: 0 | 1;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the bridge works. */
export interface BridgeOptions {
  /** The directory of the project. Default: the working directory. */
  readonly directory?: string | undefined;
}

type Action = (tasks: FlowForgeTasks, command: BridgeCommand) => Promise<string>;

const provider = {
  name: "json-default",
  type: "json",
  capabilities: { taskManagement: true, timeTracking: false, search: true, labels: true },
  enabled: true,
};

/**
 * Carries out one command of the bridge, `["update-task", "--id=214", "--status=completed"]`, and says what it would print. Never
 * throws for what a command says.
 */
export async function providerBridge(
  args: readonly string[],
  { directory = process.cwd() }: BridgeOptions = {},
): Promise<BridgeOutcome> {
  try {
    const command = parseBridgeCommand(args);
    const name = command.options.get("provider");
    if (name !== undefined && name !== provider.name && name !== provider.type)
      throw new BridgeRefusal(`Failed to get provider '${name}': Provider not configured`);
    const action = Object.hasOwn(actions, command.action) ? actions[command.action] : undefined;
    if (action === undefined) throw new BridgeRefusal(`Unknown action '${command.action}'. ${known}`);
    const said = await action(openTasks(directory), command);
    return { exitCode: 0, stdout: said === "" ? "" : `${said}\n`, stderr: "" };
  } catch (error) {
    if (error instanceof NotThere) return { exitCode: 1, stdout: `${error.message}\n`, stderr: "" };
    if (error instanceof BridgeRefusal || error instanceof StoreError || error instanceof TypeError)
      return { exitCode: 1, stdout: "", stderr: `❌ ${error.message}\n` };
    throw error;
  }
}

/** The bridge as a program: what it prints is printed, and its exit code is this process's. For a `provider-bridge.js` of one line. */
export async function runProviderBridge(
  args: readonly string[] = process.argv.slice(2),
  options?: BridgeOptions,
): Promise<void> {
  const { exitCode, stdout, stderr } = await providerBridge(args, options);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}

/** What `verify-task` says on its standard output where there is nothing. */
class NotThere extends Error {}

const list: Action = async (tasks, command) => {
  const found = filterTasks(await tasks.list(), filterOf(command));
  return formatAll(found, command);
};

const search: Action = async (tasks, command) => {
  const query = command.options.get("query")?.toLowerCase();
  if (query === undefined) throw new BridgeRefusal("Search query required (--query=<text>)");
  const holds = ({ title, description }: FlowForgeTask): boolean =>
    `${inWords(title ?? "")}\n${inWords(description ?? "")}`.toLowerCase().includes(query);
  return formatAll(filterTasks((await tasks.list()).filter(holds), filterOf(command)), command);
};

const time: Action = () => {
  throw new BridgeRefusal(
    "This bridge tracks no time: use flowforgeProvider() of @flockwork/time-tracking, which has its own file and lock",
  );
};

const actions: Readonly<Record<string, Action>> = {
  "list-tasks": list,
  "aggregate-tasks": list,
  "search-tasks": search,
  "get-task": async (tasks, command) => format(await taskOf(tasks, command), command),
  "verify-task": async (tasks, command) => {
    const task = await tasks.get(requireId(command));
    if (task === undefined) throw new NotThere("NOT_FOUND");
    return inWords(task.status ?? "pending");
  },
  "create-task": async (tasks, command) => {
    if (command.options.get("title") === undefined)
      throw new BridgeRefusal("Task title required (--title=<title>)");
    const { task } = await tasks.create({ ...idIn(command), ...fieldsOf(command) });
    return format(task, command);
  },
  "update-task": async (tasks, command) => {
    const id = requireId(command);
    // Its commands know no claims, as FlowForge's other calls; moves and dependencies are checked.
    const changed = tasks.update(id, fieldsOf(command), { force: true });
    const { task } = await changed.catch((error: unknown) => {
      throw error instanceof TaskNotFoundError && error.id === String(id) ? notFound("update") : error;
    });
    return format(task, command);
  },
  "get-next-task": next,
  "get-provider": () => Promise.resolve(JSON.stringify(provider, null, 2)),
  "start-tracking": time,
  "stop-tracking": time,
};
const known = `Actions: ${Object.keys(actions).join(", ")}`;

async function next(tasks: FlowForgeTasks, command: BridgeCommand): Promise<string> {
  const ready = await tasks.ready();
  const [task] = ready;
  const reason = task === undefined ? "No available tasks" : "Next in implementation order";
  const wanted = command.options.get("format") ?? "json";
  if (wanted === "simple") return task === undefined ? "NONE" : String(task.id);
  if (wanted === "text")
    return task === undefined
      ? reason
      : `Next task: #${task.id} - ${inWords(task.title ?? "")}\nReason: ${reason}`;
  const parallel = command.options.get("include-parallel") === "true" ? ready.slice(1) : [];
  return JSON.stringify({ taskId: task?.id ?? null, task: task ?? null, reason, parallel }, null, 2);
}

function filterOf({ options }: BridgeCommand): TaskFilter {
  return {
    status: options.get("status"),
    priority: options.get("priority") as TaskPriority | undefined,
    assignee: options.get("assignee"),
    milestone: options.get("milestone"),
  };
}

function idIn({ options }: BridgeCommand): { readonly id?: TaskId } {
  const id = options.get("id");
  return id === undefined ? {} : { id: idOf(id) };
}

function requireId(command: BridgeCommand): TaskId {
  const { id } = idIn(command);
  if (id === undefined) throw new BridgeRefusal("Task ID required (--id=<id>)");
  return id;
}

async function taskOf(tasks: FlowForgeTasks, command: BridgeCommand): Promise<FlowForgeTask> {
  const task = await tasks.get(requireId(command));
  if (task === undefined) throw notFound("get");
  return task;
}

function notFound(attempt: string): BridgeRefusal {
  return new BridgeRefusal(`Failed to ${attempt} task: Task not found`);
}

function formatAll(tasks: readonly FlowForgeTask[], command: BridgeCommand): string {
  if (isJson(command)) return JSON.stringify(tasks, null, 2);
  return tasks.map((task) => format(task, command)).join("\n");
}

function format(task: FlowForgeTask, command: BridgeCommand): string {
  if (isJson(command)) return JSON.stringify(task, null, 2);
  const wanted = command.options.get("format");
  if (wanted === "simple") return String(task.id);
  const line = `#${task.id}: ${inWords(task.title ?? "")} [${inWords(task.status ?? "pending")}]`;
  return wanted === "markdown" ? `- [${isSettled(task) ? "x" : " "}] ${line}` : line;
}

function isJson({ options }: BridgeCommand): boolean {
  const wanted = options.get("format") ?? "json";
  if (!["json", "text", "markdown", "simple"].includes(wanted))
    throw new BridgeRefusal(`Unknown format '${wanted}'. Formats: json, text, markdown, simple`);
  return wanted === "json";
}
