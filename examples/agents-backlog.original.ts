import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

interface Task {
  id: number;
  status: string;
  assignee?: string;
}

/** Look for a task that is free, put a name on it, write the list back. Another agent has just done the same. */
export function original(directory: string, { id, tell }: WorkerOfIdea): void {
  const path = join(directory, ".flowforge/tasks.json");
  for (;;) {
    const list = JSON.parse(readFileSync(path, "utf8")) as { tasks: Task[] };
    const task = list.tasks.find(({ status }) => status === "pending");
    if (task === undefined) return;
    task.status = "in-progress";
    task.assignee = `agent-${id}`;
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(list, null, 2));
    renameSync(`${path}.${process.pid}`, path);
    tell(`${task.id} agent-${id}`);
  }
}
