import type { DocumentSpec, SchemaIssue } from "@flockwork/core";
import { isObject } from "./check-fields.ts";
import type { FlowForgeTaskFile } from "./task.ts";

/** Where FlowForge keeps its tasks, below the directory of the project. */
export const taskFileName = ".flowforge/tasks.json";

/**
 * What makes a document FlowForge's: an object with a list of tasks, each with an id of its own. Everything else may be
 * missing, and whatever else is there is kept. A document that is not like that is refused, and stays as it is.
 */
export const taskFile: NonNullable<DocumentSpec<FlowForgeTaskFile>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const issues = faultsOf(value);
      return issues.length === 0 ? { value: value as FlowForgeTaskFile } : { issues };
    },
  },
};

/** The file as FlowForge's own initialisation writes it. */
export function emptyTaskFile(): FlowForgeTaskFile {
  return {
    tasks: [],
    milestones: [],
    timeSessions: {},
    lastUpdated: new Date().toISOString(),
    version: "2.0.0",
  };
}

/** Whether a value can be an id: a whole number that JSON keeps exactly, or a non-empty string. */
export function isTaskId(value: unknown): value is number | string {
  if (typeof value === "string") return value !== "" && value !== "__proto__";
  return Number.isSafeInteger(value);
}

function faultsOf(value: unknown): SchemaIssue[] {
  if (!isObject(value))
    return [{ message: "not FlowForge's tasks: expected an object with a list `tasks`", path: [] }];
  const { tasks } = value;
  if (!Array.isArray(tasks)) {
    const tagged = Object.values(value).some((each) => isObject(each) && Array.isArray(each["tasks"]));
    const hint = tagged ? "; it looks like task-master's tagged lists, which fromTaskMaster() converts" : "";
    return [{ message: `not FlowForge's tasks: expected a list${hint}`, path: ["tasks"] }];
  }
  const issues: SchemaIssue[] = [];
  const seen = new Set<string>();
  for (const [at, task] of (tasks as readonly unknown[]).entries()) {
    if (!isObject(task) || !isTaskId(task["id"])) {
      issues.push({
        message: "a task must be an object with an id: a whole number or a string",
        path: ["tasks", at],
      });
      continue;
    }
    const id = String(task["id"]);
    if (seen.has(id)) issues.push({ message: `a second task ${id}`, path: ["tasks", at, "id"] });
    seen.add(id);
    const { dependencies } = task;
    if (dependencies !== undefined && dependencies !== null && !isIdList(dependencies))
      issues.push({ message: "dependencies must be a list of ids", path: ["tasks", at, "dependencies"] });
  }
  return issues;
}

function isIdList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isTaskId);
}
